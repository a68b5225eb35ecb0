-- A name that few bear is found by its beginning, one that many bear from the newest back; neither reads the rows.
drop index application_keys_by_key;
create index application_keys_by_key on application_keys (department_id, search_key, arrived_at, application_id);
create index application_keys_by_arrival on application_keys (department_id, arrived_at, application_id, search_key);
