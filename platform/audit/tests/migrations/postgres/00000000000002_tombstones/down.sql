drop trigger audit_mirror_never_changes on audit_mirror;
create trigger audit_mirror_never_changes before update or delete on audit_mirror
    for each row execute function audit_events_are_final();
drop trigger audit_events_never_change on audit_events;
create trigger audit_events_never_change before update or delete on audit_events
    for each row execute function audit_events_are_final();
drop function audit_events_go_by_tombstone();
drop table audit_tombstones;
drop function audit_tombstones_are_final();
