-- What staff noted in the questions of their own, version by version (IK-2.1.2a3).
create table staff_answers (
    application_id text    not null,
    version        integer not null,
    answers        text    not null,
    at             bigint  not null,
    staff_id       text    not null,
    staff_name     text    not null,
    constraint staff_answers_pk primary key (application_id, version),
    constraint staff_answers_application_fk foreign key (application_id) references applications (id)
);
