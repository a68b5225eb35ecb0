create table outbox_items (
    id         integer not null primary key,
    lane       text    not null,
    uuid       text    not null,
    kind       integer not null,
    stamp      blob    not null,
    sealed     blob    not null,
    bytes      integer not null,
    sha256     blob    not null,
    created_at bigint  not null,
    epoch      integer,
    seq        bigint,
    constraint outbox_items_uuid_once unique (lane, uuid),
    constraint outbox_items_bundle_whole check ((epoch is null) = (seq is null))
);
create index outbox_items_waiting on outbox_items (lane, id) where seq is null;
create index outbox_items_by_bundle on outbox_items (lane, epoch, seq, id) where seq is not null;

create table outbox_bundles (
    lane            text    not null,
    epoch           integer not null,
    seq             bigint  not null,
    state           text    not null,
    prev            blob    not null,
    signer          blob    not null,
    key_set_version integer not null,
    items           integer not null,
    bytes           bigint  not null,
    header          blob,
    signature       blob,
    hash            blob,
    allocated_at    bigint  not null,
    ready_at        bigint,
    stored_at       bigint,
    ingested_at     bigint,
    released_at     bigint,
    constraint outbox_bundles_pk primary key (lane, epoch, seq),
    constraint outbox_bundles_state_known check (state in ('allocated', 'ready', 'stored', 'ingested', 'released')),
    constraint outbox_bundles_ready_has_header check (state = 'allocated' or (header is not null and signature is not null and hash is not null))
);
create index outbox_bundles_by_state on outbox_bundles (lane, state, seq);

create table lane_receipts (
    lane         text    not null,
    epoch        integer not null,
    stored_seq   bigint  not null,
    ingested_seq bigint  not null,
    backup_seq   bigint  not null,
    receipt      blob    not null,
    received_at  bigint  not null,
    constraint lane_receipts_pk primary key (lane)
);

create table lane_watermarks (
    lane       text    not null,
    epoch      integer not null,
    seq        bigint  not null,
    hash       blob    not null,
    next_idx   integer not null,
    halted     text,
    updated_at bigint  not null,
    constraint lane_watermarks_pk primary key (lane)
);

create table lane_gaps (
    lane      text    not null,
    epoch     integer not null,
    first_seq bigint  not null,
    last_seq  bigint  not null,
    found_at  bigint  not null,
    constraint lane_gaps_pk primary key (lane, epoch, first_seq)
);

create table inbox_bundles (
    lane        text    not null,
    epoch       integer not null,
    seq         bigint  not null,
    hash        blob    not null,
    header      blob    not null,
    signature   blob    not null,
    entries     blob    not null,
    items       integer not null,
    bytes       bigint  not null,
    sent_at     bigint  not null,
    ingested_at bigint  not null,
    constraint inbox_bundles_pk primary key (lane, epoch, seq)
);

create table inbox_items (
    lane  text    not null,
    epoch integer not null,
    seq   bigint  not null,
    idx   integer not null,
    uuid  text    not null,
    kind  integer not null,
    state text    not null,
    constraint inbox_items_pk primary key (lane, epoch, seq, idx),
    constraint inbox_items_uuid_once unique (lane, uuid),
    constraint inbox_items_state_known check (state in ('done', 'quarantined'))
);

create table quarantine (
    lane   text    not null,
    epoch  integer not null,
    seq    bigint  not null,
    idx    integer not null,
    uuid   text    not null,
    kind   integer not null,
    stamp  blob    not null,
    sealed blob    not null,
    reason text    not null,
    at     bigint  not null,
    constraint quarantine_pk primary key (lane, epoch, seq, idx)
);
