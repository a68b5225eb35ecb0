-- How forms are filled in on a day, and how much of it the staff zone was told. `page` is empty for
-- what belongs to the whole form.
create table filling_days (
    day text not null,
    procedure_id text not null,
    page text not null,
    what text not null,
    counted bigint not null,
    told bigint not null,
    constraint filling_days_pk primary key (day, procedure_id, page, what)
);
