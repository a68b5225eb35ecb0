-- How forms are filled in on a day, as the citizens' zone counts it. `page` is empty for what belongs to
-- the whole form.
create table fillings (
    day          text   not null,
    procedure_id text   not null,
    page         text   not null,
    what         text   not null,
    total        bigint not null,
    constraint fillings_pk primary key (day, procedure_id, page, what)
);
-- After how many days the applications that were decided on a day were decided.
create table lead_days (
    day          text    not null,
    procedure_id text    not null,
    days         integer not null,
    total        bigint  not null,
    constraint lead_days_pk primary key (day, procedure_id, days)
);
