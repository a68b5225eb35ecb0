-- Who filled in for the applicant (NF-16).
create table application_delegates (
    application_id text not null,
    account_id     text not null,
    name           text not null,
    email          text not null,
    constraint application_delegates_pk primary key (application_id),
    constraint application_delegates_application_fk foreign key (application_id) references applications (id)
);
