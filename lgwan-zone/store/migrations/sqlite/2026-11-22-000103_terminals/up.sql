-- Which counter terminal an application was sent at. It may be told before the application arrives.
create table application_terminals (
    application_id text not null,
    terminal       text not null,
    constraint application_terminals_pk primary key (application_id)
);
