drop index application_keys_by_arrival;
drop index application_keys_by_key;
create index application_keys_by_key on application_keys (department_id, search_key, arrived_at);
