-- Who lost the authenticator app and has no recovery code: one administrator asks, another releases. One row a person, the last one.
create table app_resets (
    staff_id    text   not null,
    asked_by    text   not null,
    asked_at    bigint not null,
    reason      text   not null,
    released_by text,
    released_at bigint,
    constraint app_resets_pk primary key (staff_id),
    constraint app_resets_staff_fk foreign key (staff_id) references staff (id),
    constraint app_resets_of_others check (asked_by <> staff_id and released_by <> staff_id),
    constraint app_resets_by_two check (released_by <> asked_by)
);
-- Whose app was reset registers one before anything else.
alter table staff add column must_enrol boolean not null default false;
-- Who handed out the present password, and when: never one and the same person both.
alter table staff add column handed_by text;
alter table staff add column handed_at bigint;
