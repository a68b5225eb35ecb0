-- What applicants and staff wrote to each other about an application.
create table messages (
    id             text   not null,
    application_id text   not null,
    at             bigint not null,
    writer         text   not null,
    writer_name    text   not null,
    words          text   not null,
    constraint messages_pk primary key (id),
    constraint messages_application_fk foreign key (application_id) references applications (id)
);
create index messages_by_application on messages (application_id, at, id);

-- Applications about which the applicant wrote last.
create table messages_waiting (
    application_id text   not null,
    since          bigint not null,
    constraint messages_waiting_pk primary key (application_id),
    constraint messages_waiting_application_fk foreign key (application_id) references applications (id)
);
create index messages_waiting_by_since on messages_waiting (since);
