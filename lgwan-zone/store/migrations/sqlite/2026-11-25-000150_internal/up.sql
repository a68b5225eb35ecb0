-- Staff apply for internal procedures themselves (NB-2.1): a way of its own beside what they enter for others. The check
-- names it; nothing refers to this table. Own applications are a range of one person.
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
    constraint desk_entries_channel_known check (channel in ('post', 'phone', 'counter', 'fax', 'staff'))
);
insert into desk_entries (application_id, channel, entered_at, staff_id, staff_name)
    select application_id, channel, entered_at, staff_id, staff_name from desk_entries_kept;
drop table desk_entries_kept;
create index desk_entries_of_staff on desk_entries (staff_id, entered_at, application_id) where channel = 'staff';
-- Which procedures staff find in this zone alone; the document of the newest revision says it (NF-45).
alter table procedures add column internal boolean not null default false;
update procedures set internal = true where exists (
    select 1 from procedure_revisions
        where procedure_revisions.procedure_id = procedures.id
          and procedure_revisions.revision = procedures.revision
          and procedure_revisions.document like '%"listing":"internal"%');
