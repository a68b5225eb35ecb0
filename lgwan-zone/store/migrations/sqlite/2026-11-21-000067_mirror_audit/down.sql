drop trigger audit_mirror_never_goes;
drop trigger audit_mirror_never_changes;
create index audit_events_by_actor on audit_events (actor, seq);
create index audit_events_by_object on audit_events (object, seq);
drop index audit_events_by_actor_at;
drop index audit_events_by_object_at;
drop table audit_told;
drop table audit_mirror;
