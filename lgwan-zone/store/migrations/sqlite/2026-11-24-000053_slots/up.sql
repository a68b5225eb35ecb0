-- The day and time (日時の枠) an application asks for, as its answer says: 2026-12-01T09:30. Lists are narrowed by it.
create table application_slots (
    application_id text not null,
    slot           text not null,
    constraint application_slots_pk primary key (application_id, slot),
    constraint application_slots_application_fk foreign key (application_id) references applications (id)
);
create index application_slots_by_slot on application_slots (slot, application_id);
