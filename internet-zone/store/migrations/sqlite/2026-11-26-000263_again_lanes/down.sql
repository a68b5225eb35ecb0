delete from waiting_items where exists (
    select 1 from waiting_items as first
    where first.lane = waiting_items.lane and first.uuid = waiting_items.uuid
        and (first.epoch, first.seq, first.idx) < (waiting_items.epoch, waiting_items.seq, waiting_items.idx)
);
drop index waiting_items_by_uuid;
create unique index waiting_items_uuid_once on waiting_items (lane, uuid);
