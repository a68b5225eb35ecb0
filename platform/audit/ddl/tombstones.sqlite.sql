-- What was deleted on purpose (IK-3.5.1a): one signed row each, chained like the log itself, never changed. A row of a log
-- tells of the events from_event to to_event, content is the hash of the last of them; any other row has 0 in both. Times in
-- microseconds.
create table audit_tombstones (
    seq        bigint not null,
    at         bigint not null,
    class      text   not null,
    object     text   not null,
    label      text   not null,
    ended_at   bigint not null,
    from_event bigint not null,
    to_event   bigint not null,
    rule       text   not null,
    proposer   text   not null,
    approver   text   not null,
    content    blob    not null,
    prev       blob    not null,
    hash       blob    not null,
    signature  blob    not null,
    constraint audit_tombstones_pk primary key (seq)
);
create index audit_tombstones_by_class on audit_tombstones (class, to_event);
create index audit_tombstones_by_object on audit_tombstones (object);
create index audit_tombstones_by_label on audit_tombstones (label);

create trigger audit_tombstones_never_change before update on audit_tombstones
begin
    select raise(abort, 'tombstones are never changed');
end;
create trigger audit_tombstones_never_go before delete on audit_tombstones
begin
    select raise(abort, 'tombstones are never deleted');
end;

-- Events go when a tombstone tells of them, and only then.
drop trigger audit_events_never_go;
create trigger audit_events_never_go before delete on audit_events
when old.seq > coalesce((select max(to_event) from audit_tombstones where class = 'staff_log'), 0)
begin
    select raise(abort, 'audit events are never deleted');
end;
drop trigger audit_mirror_never_goes;
create trigger audit_mirror_never_goes before delete on audit_mirror
when old.seq > coalesce((select max(to_event) from audit_tombstones where class = 'citizens_log'), 0)
begin
    select raise(abort, 'audit events are never deleted');
end;
