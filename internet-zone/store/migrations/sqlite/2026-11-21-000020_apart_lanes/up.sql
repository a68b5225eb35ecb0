create table raw_arrivals (
    epoch integer not null,
    seq   bigint  not null,
    idx   integer not null,
    items integer not null,
    hash  blob    not null,
    at    bigint  not null,
    constraint raw_arrivals_pk primary key (epoch, seq, idx)
);

create table waiting_items (
    lane    text    not null,
    epoch   integer not null,
    seq     bigint  not null,
    idx     integer not null,
    uuid    text    not null,
    kind    integer not null,
    thread  text    not null,
    stamp   blob    not null,
    sealed  blob    not null,
    sent_at bigint  not null,
    at      bigint  not null,
    constraint waiting_items_pk primary key (lane, epoch, seq, idx),
    constraint waiting_items_uuid_once unique (lane, uuid)
);
create index waiting_items_by_thread on waiting_items (thread);

create table bulk_parts (
    attachment_id text   not null,
    sha256        text   not null,
    bytes         bigint not null,
    at            bigint not null,
    constraint bulk_parts_pk primary key (attachment_id, sha256)
);
