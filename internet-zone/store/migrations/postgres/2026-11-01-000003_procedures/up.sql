-- Published revisions as they arrived from the LGWAN zone: immutable.
create table procedure_revisions (
    procedure_id text not null,
    revision bigint not null,
    sha256 bytea not null,
    document bytea not null,
    received_at bigint not null,
    constraint procedure_revisions_pk primary key (procedure_id, revision)
);

-- Files that came beside a revision, such as forms to download.
create table procedure_files (
    procedure_id text not null,
    revision bigint not null,
    id text not null,
    name text not null,
    media text not null,
    content bytea not null,
    constraint procedure_files_pk primary key (procedure_id, revision, id)
);

-- The revision citizens see now.
create table procedures (
    id text not null,
    slug text not null,
    revision bigint not null,
    closed_at bigint,
    published_at bigint not null,
    constraint procedures_pk primary key (id),
    constraint procedures_slug_unique unique (slug),
    constraint procedures_revision_exists foreign key (id, revision)
        references procedure_revisions (procedure_id, revision)
);

-- Seats per choice (pool = "FIELD.CODE") or for the whole procedure (pool = "procedure").
create table seats (
    procedure_id text not null,
    pool text not null,
    capacity bigint not null,
    taken bigint not null default 0,
    constraint seats_pk primary key (procedure_id, pool),
    constraint seats_never_negative check (taken >= 0)
);

-- How often a form was fetched, per day in Japan.
create table form_downloads (
    procedure_id text not null,
    file text not null,
    day text not null,
    fetched bigint not null,
    constraint form_downloads_pk primary key (procedure_id, file, day)
);

create table departments (
    id text not null,
    name text not null,
    phone text not null,
    place text not null,
    position bigint not null,
    constraint departments_pk primary key (id)
);
