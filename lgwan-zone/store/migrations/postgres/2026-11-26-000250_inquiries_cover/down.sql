drop index inquiries_by_department;
create index inquiries_by_department on inquiries (department_id, state, due, id);
