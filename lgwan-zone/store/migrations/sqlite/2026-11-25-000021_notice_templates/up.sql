-- 通知文のひな形: texts of results, of one procedure or of every procedure of a department. A batch keeps the text it
-- was looked at with.
create table notice_templates (
    id              text    not null,
    department_id   text,
    procedure_id    text,
    name            text    not null,
    title           text    not null,
    addressee       text    not null,
    body            text    not null,
    note            text    not null,
    version         integer not null,
    changed_at      bigint  not null,
    changed_by      text    not null,
    changed_by_name text    not null,
    constraint notice_templates_pk primary key (id),
    constraint notice_templates_department_fk foreign key (department_id) references departments (id),
    constraint notice_templates_procedure_fk foreign key (procedure_id) references procedures (id),
    constraint notice_templates_one_owner check ((department_id is null) <> (procedure_id is null))
);
create index notice_templates_by_department on notice_templates (department_id);
create index notice_templates_by_procedure on notice_templates (procedure_id);
alter table batches add column notice text;
