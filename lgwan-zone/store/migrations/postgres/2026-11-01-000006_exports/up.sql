create table export_jobs (
    id         text    not null,
    definition text    not null,
    enabled    boolean not null default true,
    generation integer not null default 0,
    updated_at bigint  not null,
    updated_by text    not null,
    constraint export_jobs_pk primary key (id)
);

create table export_generations (
    job          text    not null,
    generation   integer not null,
    state        text    not null,
    records      bigint  not null,
    attachments  bigint  not null,
    started_at   bigint  not null,
    started_by   text    not null,
    finished_at  bigint,
    sha256       text,
    receipt_at   bigint,
    receipt      text,
    constraint export_generations_pk primary key (job, generation),
    constraint export_generations_job_fk foreign key (job) references export_jobs (id),
    constraint export_generations_state_known check (state in ('writing', 'waiting', 'taken', 'refused'))
);

create table export_ledger (
    job            text    not null,
    application_id text    not null,
    generation     integer not null,
    constraint export_ledger_pk primary key (job, application_id),
    constraint export_ledger_generation_fk foreign key (job, generation) references export_generations (job, generation),
    constraint export_ledger_application_fk foreign key (application_id) references applications (id)
);
create index export_ledger_by_generation on export_ledger (job, generation);
