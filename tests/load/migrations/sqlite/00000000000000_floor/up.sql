create table floor_rows (id text not null primary key, body blob not null);

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
    prev    blob   not null,
    hash    blob   not null
);
create index audit_events_by_time on audit_events (at);
create index audit_events_by_actor on audit_events (actor, seq);
create index audit_events_by_object on audit_events (object, seq);

create table audit_head (
    id   integer not null primary key,
    seq  bigint  not null,
    hash blob    not null,
    constraint audit_head_is_one_row check (id = 1)
);
insert into audit_head (id, seq, hash) values (1, 0, zeroblob(32));

create table audit_checkpoints (
    seq       bigint not null primary key,
    at        bigint not null,
    hash      blob   not null,
    signature blob   not null
);

create trigger audit_events_never_change before update on audit_events
begin
    select raise(abort, 'audit events are never changed');
end;
create trigger audit_events_never_go before delete on audit_events
begin
    select raise(abort, 'audit events are never deleted');
end;
