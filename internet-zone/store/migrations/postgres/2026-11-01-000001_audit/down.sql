drop table audit_checkpoints;
drop table audit_head;
drop table audit_events;
drop function audit_events_are_final();
