-- 組織改正 (NB-6.5): what changes on a day, as it was handed in; told is what it did, with counts.
create table reforms (
    id         text   not null,
    file_name  text   not null,
    lines      text   not null,
    state      text   not null,
    applies_on text,
    roster_id  text,
    told       text   not null default '',
    read_at    bigint not null,
    read_by    text   not null,
    decided_at bigint,
    decided_by text,
    constraint reforms_pk primary key (id),
    constraint reforms_state_known check (state in ('read', 'waiting', 'blocked', 'applied', 'dropped')),
    constraint reforms_wait_for_a_day check (state <> 'waiting' or applies_on is not null),
    constraint reforms_roster_fk foreign key (roster_id) references rosters (id)
);
create index reforms_by_time on reforms (read_at);
create unique index reforms_one_a_day on reforms (applies_on) where state = 'waiting';

alter table rosters add column reform_id text;
alter table departments add column closed_at bigint;

-- Who does today what a department did: for one procedure, or with an empty procedure_id for all others.
create table department_heirs (
    department_id text not null,
    procedure_id  text not null,
    heir_id       text not null,
    reform_id     text not null,
    constraint department_heirs_pk primary key (department_id, procedure_id),
    constraint department_heirs_department_fk foreign key (department_id) references departments (id),
    constraint department_heirs_heir_fk foreign key (heir_id) references departments (id)
);
create index department_heirs_by_heir on department_heirs (heir_id);

-- Names of departments as they were: before the last reform, and when the application was decided.
alter table applications add column came_from text;
alter table applications add column decided_in text;
