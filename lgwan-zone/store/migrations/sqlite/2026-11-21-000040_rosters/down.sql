drop table rosters;
alter table staff drop column email;
