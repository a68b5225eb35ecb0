-- Replacements for characters a business system does not know; a version never changes.
create table gaiji_tables (
    name        text    not null,
    version     integer not null,
    content     text    not null,
    characters  bigint  not null,
    uploaded_at bigint  not null,
    uploaded_by text    not null,
    constraint gaiji_tables_pk primary key (name, version)
);

-- The generation this one repeats, and why; what of it was changed; how it was picked up.
alter table export_generations add column replaces integer;
alter table export_generations add column reason text;
alter table export_generations add column approved_by text;
alter table export_generations add column bytes bigint;
alter table export_generations add column changed bigint not null default 0;
alter table export_generations add column stored_at bigint;
alter table export_generations add column rows_taken bigint;
alter table export_generations add column refused_by text;

-- Applications of a generation that repeats another; the ledger keeps where each left first.
create table export_repeated (
    job            text    not null,
    generation     integer not null,
    application_id text    not null,
    constraint export_repeated_pk primary key (job, generation, application_id),
    constraint export_repeated_generation_fk foreign key (job, generation) references export_generations (job, generation),
    constraint export_repeated_application_fk foreign key (application_id) references applications (id)
);

-- Records the business system did not take in, by its own words.
create table export_record_errors (
    job            text    not null,
    generation     integer not null,
    application_id text    not null,
    why            text    not null,
    noted_at       bigint  not null,
    constraint export_record_errors_pk primary key (job, generation, application_id),
    constraint export_record_errors_generation_fk foreign key (job, generation) references export_generations (job, generation),
    constraint export_record_errors_application_fk foreign key (application_id) references applications (id)
);

-- Wishes to put a generation out again that a second person must agree to.
create table export_requests (
    id           text    not null,
    job          text    not null,
    generation   integer not null,
    part         text    not null,
    reason       text    not null,
    requested_at bigint  not null,
    requested_by text    not null,
    state        text    not null default 'open',
    decided_at   bigint,
    decided_by   text,
    constraint export_requests_pk primary key (id),
    constraint export_requests_generation_fk foreign key (job, generation) references export_generations (job, generation),
    constraint export_requests_part_known check (part in ('all', 'failed')),
    constraint export_requests_state_known check (state in ('open', 'agreed', 'declined'))
);
create index export_requests_by_job on export_requests (job, state);
