-- What ended in one way, and what was done in one room and ended so, is found however long the logs are. The first four
-- letters of an act tell its room.
create index audit_events_by_result on audit_events (result, at, seq);
create index audit_events_by_room on audit_events ((substr(act, 1, 4) || result), at, seq);
create index audit_mirror_by_result on audit_mirror (result, at, seq);
create index audit_mirror_by_room on audit_mirror ((substr(act, 1, 4) || result), at, seq);
