alter table sso_requests drop column authenticated_at;
alter table staff_sessions drop column proved_ip;
alter table staff_sessions drop column proved_at;
