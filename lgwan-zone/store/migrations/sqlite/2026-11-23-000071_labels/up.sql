-- Labels (付箋) of a department and the applications they are on. A row repeats what lists are ordered and narrowed by, so
-- that a list by label reads one range of one index however many applications there are. Times in microseconds.
create table labels (
    id            text   not null,
    department_id text   not null,
    name          text   not null,
    colour        text   not null,
    made_at       bigint not null,
    made_by       text   not null,
    ended_at      bigint,
    constraint labels_pk primary key (id),
    constraint labels_department_fk foreign key (department_id) references departments (id),
    constraint labels_staff_fk foreign key (made_by) references staff (id),
    constraint labels_name_once unique (department_id, name)
);

create table application_labels (
    application_id text   not null,
    label_id       text   not null,
    procedure_id   text   not null,
    state          text   not null,
    arrived_at     bigint not null,
    deadline_at    bigint,
    constraint application_labels_pk primary key (application_id, label_id),
    constraint application_labels_application_fk foreign key (application_id) references applications (id),
    constraint application_labels_label_fk foreign key (label_id) references labels (id)
);
create index application_labels_by_arrival on application_labels (label_id, arrived_at, application_id);
create index application_labels_by_state on application_labels (label_id, state, arrived_at, application_id);
create index application_labels_by_procedure on application_labels (label_id, procedure_id, arrived_at, application_id);
create index application_labels_by_procedure_state
    on application_labels (label_id, procedure_id, state, arrived_at, application_id);
create index application_labels_by_deadline on application_labels (label_id, deadline_at, application_id)
    where deadline_at is not null;

-- Conditions of the list that a person keeps under a name.
create table saved_filters (
    id       text   not null,
    staff_id text   not null,
    name     text   not null,
    query    text   not null,
    saved_at bigint not null,
    constraint saved_filters_pk primary key (id),
    constraint saved_filters_staff_fk foreign key (staff_id) references staff (id),
    constraint saved_filters_name_once unique (staff_id, name)
);

-- The label a batch puts on or takes off.
alter table batches add column label_id text;
