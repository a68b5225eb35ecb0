create table applications (
    id                text    not null,
    number            text    not null,
    procedure_id      text    not null,
    revision          integer not null,
    department_id     text    not null,
    state             text    not null,
    version           integer not null default 1,
    applicant_kind    text    not null,
    applicant_account text,
    applicant_name    text    not null,
    applicant_email   text,
    arrived_at        bigint  not null,
    ingested_at       bigint  not null,
    updated_at        bigint  not null,
    round             integer not null default 0,
    attachments       integer not null default 0,
    held              integer not null default 0,
    due               text,
    constraint applications_pk primary key (id),
    constraint applications_number_once unique (number),
    constraint applications_department_fk foreign key (department_id) references departments (id),
    constraint applications_version_positive check (version > 0)
);
create index applications_by_arrival on applications (department_id, arrived_at, id);
create index applications_by_state on applications (department_id, state, arrived_at, id);
create index applications_by_procedure on applications (department_id, procedure_id, arrived_at, id);
create index applications_by_procedure_state on applications (department_id, procedure_id, state, arrived_at, id);
create index applications_for_export on applications (procedure_id, state, updated_at, id);

create table application_keys (
    application_id text   not null,
    department_id  text   not null,
    search_key     text   not null,
    arrived_at     bigint not null,
    constraint application_keys_pk primary key (application_id, search_key),
    constraint application_keys_application_fk foreign key (application_id) references applications (id)
);
create index application_keys_by_key on application_keys (department_id, search_key, arrived_at);

create table inbox_counts (
    department_id text   not null,
    procedure_id  text   not null,
    state         text   not null,
    applications  bigint not null,
    constraint inbox_counts_pk primary key (department_id, procedure_id, state)
);

create table application_answers (
    application_id text    not null,
    round          integer not null,
    answers        text    not null,
    provenance     text    not null,
    changed        text    not null,
    received_at    bigint  not null,
    constraint application_answers_pk primary key (application_id, round),
    constraint application_answers_application_fk foreign key (application_id) references applications (id)
);

create table application_attachments (
    id             text    not null,
    application_id text    not null,
    round          integer not null,
    field          text    not null,
    name           text    not null,
    media          text    not null,
    size           bigint  not null,
    sha256         text    not null,
    outcome        text    not null,
    out_name       text,
    out_media      text,
    out_size       bigint,
    out_sha256     text,
    file_id        text,
    hold_reason    text,
    removed        text    not null,
    policy         text    not null,
    constraint application_attachments_pk primary key (id),
    constraint application_attachments_application_fk foreign key (application_id) references applications (id),
    constraint application_attachments_outcome_known check (outcome in ('rebuilt', 'held'))
);
create index application_attachments_by_application on application_attachments (application_id, round);

create table application_events (
    application_id text    not null,
    seq            integer not null,
    at             bigint  not null,
    actor          text    not null,
    actor_name     text    not null,
    act            text    not null,
    from_state     text,
    to_state       text    not null,
    words          text    not null,
    constraint application_events_pk primary key (application_id, seq),
    constraint application_events_application_fk foreign key (application_id) references applications (id)
);

create table application_notes (
    id             text   not null,
    application_id text   not null,
    at             bigint not null,
    staff_id       text   not null,
    words          text   not null,
    constraint application_notes_pk primary key (id),
    constraint application_notes_application_fk foreign key (application_id) references applications (id),
    constraint application_notes_staff_fk foreign key (staff_id) references staff (id)
);
create index application_notes_by_application on application_notes (application_id, at);

create table corrections (
    application_id text    not null,
    round          integer not null,
    asked_at       bigint  not null,
    asked_by       text    not null,
    reason         text    not null,
    due            text    not null,
    fields         text    not null,
    answered_at    bigint,
    constraint corrections_pk primary key (application_id, round),
    constraint corrections_application_fk foreign key (application_id) references applications (id)
);

create table issued_documents (
    id             text   not null,
    application_id text   not null,
    title          text   not null,
    number         text   not null,
    file_name      text   not null,
    media          text   not null,
    size           bigint not null,
    sha256         text   not null,
    file_id        text   not null,
    issued_at      bigint not null,
    issued_by      text   not null,
    opened_at      bigint,
    constraint issued_documents_pk primary key (id),
    constraint issued_documents_application_fk foreign key (application_id) references applications (id)
);
create index issued_documents_by_application on issued_documents (application_id, issued_at);
