-- How the pages of a day were used, and how much of it the staff zone was told.
-- `procedure_id` is empty for the pages that belong to none.
create table usage_days (
    day text not null,
    procedure_id text not null,
    what text not null,
    counted bigint not null,
    told bigint not null,
    constraint usage_days_pk primary key (day, procedure_id, what)
);
