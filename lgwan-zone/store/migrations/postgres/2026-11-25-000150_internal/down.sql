alter table procedures drop column internal;
drop index desk_entries_of_staff;
create table desk_entries_kept as select * from desk_entries;
drop table desk_entries;
create table desk_entries (
    application_id text   not null,
    channel        text   not null,
    entered_at     bigint not null,
    staff_id       text   not null,
    staff_name     text   not null,
    constraint desk_entries_pk primary key (application_id),
    constraint desk_entries_application_fk foreign key (application_id) references applications (id),
    constraint desk_entries_channel_known check (channel in ('post', 'phone', 'counter', 'fax'))
);
insert into desk_entries (application_id, channel, entered_at, staff_id, staff_name)
    select application_id, case channel when 'staff' then 'counter' else channel end, entered_at, staff_id, staff_name
        from desk_entries_kept;
drop table desk_entries_kept;
