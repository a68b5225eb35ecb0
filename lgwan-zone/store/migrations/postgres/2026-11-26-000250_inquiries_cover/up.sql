-- What waits is counted without trials: the application is in the index, so that no history is walked for it.
drop index inquiries_by_department;
create index inquiries_by_department on inquiries (department_id, state, due, id, application_id);
