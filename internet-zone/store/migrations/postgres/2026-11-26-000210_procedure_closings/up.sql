-- Up to which revision a procedure was closed: a publication of one of these stays closed, also when it comes later.
create table procedure_closings (
    procedure_id text   not null,
    revision     bigint not null,
    closed_at    bigint not null,
    constraint procedure_closings_pk primary key (procedure_id)
);
