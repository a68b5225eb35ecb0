create table floor_rows (id text not null primary key, body bytea not null);

create table audit_events (
    seq     bigint not null primary key,
    at      bigint not null,
    zone    text   not null,
    actor   text   not null,
    session text   not null,
    ip      text   not null,
    act     text   not null,
    object  text   not null,
    result  text   not null,
    detail  text   not null,
    prev    bytea  not null,
    hash    bytea  not null
);
create index audit_events_by_time on audit_events (at);
create index audit_events_by_actor on audit_events (actor, seq);
create index audit_events_by_object on audit_events (object, seq);

create table audit_head (
    id   integer not null primary key,
    seq  bigint  not null,
    hash bytea   not null,
    constraint audit_head_is_one_row check (id = 1)
);
insert into audit_head (id, seq, hash) values (1, 0, decode(repeat('00', 32), 'hex'));

create table audit_checkpoints (
    seq       bigint not null primary key,
    at        bigint not null,
    hash      bytea  not null,
    signature bytea  not null
);

create function audit_events_are_final() returns trigger language plpgsql as
'begin raise exception ''audit events are never changed or deleted''; end';
create trigger audit_events_never_change before update or delete on audit_events
    for each row execute function audit_events_are_final();
