drop table api_notes;
drop table api_calls;
drop table api_keys;
