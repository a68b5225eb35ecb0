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
    content    bytea   not null,
    prev       bytea   not null,
    hash       bytea   not null,
    signature  bytea   not null,
    constraint audit_tombstones_pk primary key (seq)
);
create index audit_tombstones_by_class on audit_tombstones (class, to_event);
create index audit_tombstones_by_object on audit_tombstones (object);
create index audit_tombstones_by_label on audit_tombstones (label);

create function audit_tombstones_are_final() returns trigger language plpgsql as
'begin raise exception ''tombstones are never changed or deleted''; end';
create trigger audit_tombstones_never_change before update or delete on audit_tombstones
    for each row execute function audit_tombstones_are_final();

-- Events go when a tombstone tells of them, and only then.
create function audit_events_go_by_tombstone() returns trigger language plpgsql as
'begin
    if tg_op = ''DELETE'' and old.seq <= coalesce((select max(to_event) from audit_tombstones where class = tg_argv[0]), 0) then
        return old;
    end if;
    raise exception ''audit events are never changed or deleted'';
end';
drop trigger audit_events_never_change on audit_events;
create trigger audit_events_never_change before update or delete on audit_events
    for each row execute function audit_events_go_by_tombstone('staff_log');
drop trigger audit_mirror_never_changes on audit_mirror;
create trigger audit_mirror_never_changes before update or delete on audit_mirror
    for each row execute function audit_events_go_by_tombstone('citizens_log');
