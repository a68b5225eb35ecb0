alter table staff drop column handed_at;
alter table staff drop column handed_by;
alter table staff drop column must_enrol;
drop table app_resets;
