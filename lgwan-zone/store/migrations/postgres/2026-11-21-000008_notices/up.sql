-- Notices to staff that something arrived: number, title and address of the page, nothing
-- of the applicant. Deleted when the mail server took them.
create table staff_mails (
    id             text    not null,
    application_id text    not null,
    round          integer not null,
    recipient      text    not null,
    attempts       integer not null default 0,
    next_at        bigint  not null,
    created_at     bigint  not null,
    last_error     text,
    constraint staff_mails_pk primary key (id),
    constraint staff_mails_application_fk foreign key (application_id) references applications (id),
    constraint staff_mails_once unique (application_id, round, recipient)
);
create index staff_mails_by_next on staff_mails (next_at);
