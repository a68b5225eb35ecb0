create table audit_mirror (
    seq     bigint not null,
    at      bigint not null,
    zone    text   not null,
    actor   text   not null,
    session text   not null,
    ip      text   not null,
    act     text   not null,
    object  text   not null,
    result  text   not null,
    detail  text   not null,
    prev    blob not null,
    hash    blob not null,
    constraint audit_mirror_once primary key (seq, hash)
);
create index audit_mirror_by_time on audit_mirror (at, seq);
create index audit_mirror_by_actor on audit_mirror (actor, at);
create index audit_mirror_by_object on audit_mirror (object, at);
create index audit_events_by_actor_at on audit_events (actor, at);
create index audit_events_by_object_at on audit_events (object, at);
drop index audit_events_by_actor;
drop index audit_events_by_object;

create table audit_told (
    id  integer not null primary key,
    seq bigint  not null,
    constraint audit_told_is_one_row check (id = 1)
);
insert into audit_told (id, seq) values (1, 0);

create trigger audit_mirror_never_changes before update on audit_mirror
begin
    select raise(abort, 'audit events are never changed');
end;
create trigger audit_mirror_never_goes before delete on audit_mirror
begin
    select raise(abort, 'audit events are never deleted');
end;
