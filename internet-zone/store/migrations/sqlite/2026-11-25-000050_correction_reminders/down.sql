drop index corrections_by_due;
alter table corrections drop column reminded;
