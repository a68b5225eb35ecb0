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

-- Which states of which procedures a job takes, as its definition says.
create table export_sources (
    job          text not null,
    procedure_id text not null,
    state        text not null,
    constraint export_sources_pk primary key (procedure_id, state, job),
    constraint export_sources_job_fk foreign key (job) references export_jobs (id)
);
create index export_sources_by_job on export_sources (job);

-- Applications that no generation has taken yet; kept with every change of state.
create table export_waiting (
    job            text   not null,
    application_id text   not null,
    since          bigint not null,
    constraint export_waiting_pk primary key (application_id, job),
    constraint export_waiting_job_fk foreign key (job) references export_jobs (id),
    constraint export_waiting_application_fk foreign key (application_id) references applications (id)
);
create index export_waiting_by_job on export_waiting (job, since, application_id);

-- Applications a generation could not write, until a later one does.
create table export_held (
    job            text    not null,
    application_id text    not null,
    generation     integer not null,
    why            text    not null,
    held_at        bigint  not null,
    constraint export_held_pk primary key (job, application_id),
    constraint export_held_generation_fk foreign key (job, generation) references export_generations (job, generation),
    constraint export_held_application_fk foreign key (application_id) references applications (id)
);
