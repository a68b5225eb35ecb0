drop index documents_unopened;
drop index corrections_open;
alter table applications drop column read_at;
