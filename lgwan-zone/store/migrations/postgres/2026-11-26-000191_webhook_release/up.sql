-- A webhook is proposed by one person and released by another before it is told anything, as a key is (docs/decisions/0109). Webhooks of
-- before were made by one person and go on.
alter table webhooks add column released_at bigint;
alter table webhooks add column released_by text
    constraint webhooks_by_two check (released_by <> made_by);
update webhooks set released_at = made_at;
