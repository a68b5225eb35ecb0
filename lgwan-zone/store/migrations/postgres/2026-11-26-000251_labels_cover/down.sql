drop index application_labels_by_state;
create index application_labels_by_state on application_labels (label_id, state, arrived_at, application_id);
