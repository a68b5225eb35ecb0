-- Codes for somebody whose authenticator app is lost (IK-3.5.2b): keyed hashes only, each works once. Times in microseconds.
create table recovery_codes (
    staff_id  text   not null,
    code_hash text   not null,
    made_at   bigint not null,
    used_at   bigint,
    constraint recovery_codes_pk primary key (staff_id, code_hash),
    constraint recovery_codes_staff_fk foreign key (staff_id) references staff (id)
);
