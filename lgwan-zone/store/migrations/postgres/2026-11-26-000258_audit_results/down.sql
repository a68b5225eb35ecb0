drop index audit_mirror_by_room;
drop index audit_mirror_by_result;
drop index audit_events_by_room;
drop index audit_events_by_result;
