-- What citizens and staff wrote to each other about an application, sealed.
create table messages (
    id text not null,
    application_id text not null,
    at bigint not null,
    writer text not null,
    words_sealed blob not null,
    constraint messages_pk primary key (id),
    constraint messages_application foreign key (application_id) references applications (id)
);
create index messages_by_application on messages (application_id, at, id);
