-- What happened on a day, counted as it happens. `procedure_id` is empty for what belongs to none.
create table numbers (
    day          text   not null,
    procedure_id text   not null,
    what         text   not null,
    total        bigint not null,
    constraint numbers_pk primary key (day, procedure_id, what)
);
