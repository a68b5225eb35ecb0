create table procedures (
    id            text    not null,
    slug          text    not null,
    title         text    not null,
    department_id text    not null,
    state         text    not null,
    revision      integer not null,
    created_at    bigint  not null,
    updated_at    bigint  not null,
    constraint procedures_pk primary key (id),
    constraint procedures_slug_once unique (slug),
    constraint procedures_department_fk foreign key (department_id) references departments (id),
    constraint procedures_state_known check (state in ('published', 'closed')),
    constraint procedures_revision_positive check (revision > 0)
);
create index procedures_by_department on procedures (department_id, title);

create table procedure_revisions (
    procedure_id text    not null,
    revision     integer not null,
    document     text    not null,
    sha256       text    not null,
    published_at bigint  not null,
    published_by text    not null,
    constraint procedure_revisions_pk primary key (procedure_id, revision),
    constraint procedure_revisions_procedure_fk foreign key (procedure_id) references procedures (id)
);

create table procedure_imports (
    id          text   not null,
    file_name   text   not null,
    document    text   not null,
    imported_at bigint not null,
    imported_by text   not null,
    constraint procedure_imports_pk primary key (id)
);
create index procedure_imports_by_time on procedure_imports (imported_at);
