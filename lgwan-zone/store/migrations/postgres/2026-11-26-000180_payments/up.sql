-- 納付 (NF-15): that the applicant was asked to pay a fee, that it was paid and how, that the decision goes on without it, and
-- that the line before was wrong. Lines are added, never changed. Sums in yen, times in microseconds.
create table payments (
    application_id text    not null,
    seq            integer not null,
    act            text    not null,
    yen            bigint  not null,
    way            text    not null,
    paid_on        text    not null,
    words          text    not null,
    at             bigint  not null,
    staff_id       text    not null,
    staff_name     text    not null,
    constraint payments_pk primary key (application_id, seq),
    constraint payments_application_fk foreign key (application_id) references applications (id),
    constraint payments_known check (act in ('asked', 'paid', 'waived', 'undone'))
);
