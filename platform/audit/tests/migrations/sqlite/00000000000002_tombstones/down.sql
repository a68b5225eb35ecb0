drop trigger audit_mirror_never_goes;
create trigger audit_mirror_never_goes before delete on audit_mirror
begin
    select raise(abort, 'audit events are never deleted');
end;
drop trigger audit_events_never_go;
create trigger audit_events_never_go before delete on audit_events
begin
    select raise(abort, 'audit events are never deleted');
end;
drop table audit_tombstones;
