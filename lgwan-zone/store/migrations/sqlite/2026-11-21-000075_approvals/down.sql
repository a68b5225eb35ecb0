drop table approval_desks;
drop table approvals;
drop table decisions;
alter table applications drop column approvals;
