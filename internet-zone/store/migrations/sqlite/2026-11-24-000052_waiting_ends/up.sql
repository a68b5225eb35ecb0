-- The first moment at which waiting makes no sense any more: the day and time that was chosen can no longer be taken.
alter table waiting add column ends_at bigint;
create index waiting_by_end on waiting (ends_at);
