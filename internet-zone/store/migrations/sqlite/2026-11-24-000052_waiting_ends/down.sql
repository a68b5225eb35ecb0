drop index waiting_by_end;
alter table waiting drop column ends_at;
