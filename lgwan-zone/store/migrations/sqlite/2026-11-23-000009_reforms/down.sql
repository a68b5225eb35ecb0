alter table applications drop column decided_in;
alter table applications drop column came_from;
drop table department_heirs;
alter table departments drop column closed_at;
alter table rosters drop column reform_id;
drop table reforms;
