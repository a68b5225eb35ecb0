-- 審査の確認項目: what staff found at each point of the procedure's review, version by version; the newest counts. round is the
-- round of answers it was found on. Times in microseconds.
create table review_marks (
    application_id text    not null,
    point          text    not null,
    version        integer not null,
    round          integer not null,
    mark           text    not null,
    note           text    not null,
    at             bigint  not null,
    staff_id       text    not null,
    staff_name     text    not null,
    constraint review_marks_pk primary key (application_id, point, version),
    constraint review_marks_application_fk foreign key (application_id) references applications (id),
    constraint review_marks_known check (mark in ('fine', 'flaw', 'exempt'))
);
