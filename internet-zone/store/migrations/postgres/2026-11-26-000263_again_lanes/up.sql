-- A waiting message that comes again waits under its new number as well.
create table waiting_moved as select * from waiting_items;
drop table waiting_items;
create table waiting_items (
    lane    text    not null,
    epoch   integer not null,
    seq     bigint  not null,
    idx     integer not null,
    uuid    text    not null,
    kind    integer not null,
    thread  text    not null,
    stamp   bytea    not null,
    sealed  bytea    not null,
    sent_at bigint  not null,
    at      bigint  not null,
    constraint waiting_items_pk primary key (lane, epoch, seq, idx)
);
insert into waiting_items (lane, epoch, seq, idx, uuid, kind, thread, stamp, sealed, sent_at, at)
    select lane, epoch, seq, idx, uuid, kind, thread, stamp, sealed, sent_at, at from waiting_moved;
drop table waiting_moved;
create index waiting_items_by_thread on waiting_items (thread);
create index waiting_items_by_uuid on waiting_items (lane, uuid);
