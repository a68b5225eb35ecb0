drop table sso_assertions;
drop table sso_requests;
alter table staff_sessions drop column goal;
alter table staff_sessions drop column entered;
