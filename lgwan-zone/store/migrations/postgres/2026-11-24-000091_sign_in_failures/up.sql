-- Wrong passwords of an account from an address: whoever types them waits, and nobody else. Those at the second step,
-- behind the right password, stay with the person. Times in microseconds.
create table sign_in_failures (
    staff_id text    not null,
    address  text    not null,
    failures integer not null,
    last_at  bigint  not null,
    constraint sign_in_failures_pk primary key (staff_id, address),
    constraint sign_in_failures_staff_fk foreign key (staff_id) references staff (id)
);
create index sign_in_failures_by_age on sign_in_failures (last_at);
