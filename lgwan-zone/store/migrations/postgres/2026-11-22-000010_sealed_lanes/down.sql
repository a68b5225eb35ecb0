alter table outbox_items add column sealed bytea not null default '';
update outbox_items set sealed = coalesce((select outbox_sealed.sealed from outbox_sealed where item = id), '');
drop table outbox_sealed;
