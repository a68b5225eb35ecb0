-- What has a label in a state is counted without trials: the procedure is in the index, so that the label is not
-- walked for it.
drop index application_labels_by_state;
create index application_labels_by_state
    on application_labels (label_id, state, arrived_at, application_id, procedure_id);
