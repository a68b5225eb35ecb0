-- Words a department writes to applicants again and again (定型文). Times in microseconds.
create table phrases (
    id            text   not null,
    department_id text   not null,
    title         text   not null,
    words         text   not null,
    changed_at    bigint not null,
    changed_by    text   not null,
    constraint phrases_pk primary key (id),
    constraint phrases_department_fk foreign key (department_id) references departments (id),
    constraint phrases_staff_fk foreign key (changed_by) references staff (id),
    constraint phrases_title_once unique (department_id, title)
);
