-- Which columns the list of a procedure's applications has when it is taken out (列のひな形): names of columns in order,
-- one a line. Times in microseconds.
create table column_sets (
    id           text   not null,
    procedure_id text   not null,
    name         text   not null,
    names        text   not null,
    changed_at   bigint not null,
    changed_by   text   not null,
    constraint column_sets_pk primary key (id),
    constraint column_sets_procedure_fk foreign key (procedure_id) references procedures (id),
    constraint column_sets_staff_fk foreign key (changed_by) references staff (id),
    constraint column_sets_name_once unique (procedure_id, name)
);
