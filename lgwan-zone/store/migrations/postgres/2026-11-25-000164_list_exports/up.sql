-- Whose data left with which list (一覧の出力): one row a file, and one for each application in it.
create table list_exports (
    id         text   not null,
    at         bigint not null,
    staff_id   text   not null,
    staff_name text   not null,
    shape      text   not null,
    constraint list_exports_pk primary key (id)
);
create index list_exports_by_time on list_exports (at);
create table list_export_applications (
    export_id      text not null,
    application_id text not null,
    constraint list_export_applications_pk primary key (export_id, application_id)
);
create index list_export_applications_of on list_export_applications (application_id);
