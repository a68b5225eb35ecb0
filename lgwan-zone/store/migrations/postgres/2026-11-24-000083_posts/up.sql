-- 役職: who holds which post of a department. Approvals name posts, so that they go on when people change.
create table staff_posts (
    department_id text   not null,
    title         text   not null,
    staff_id      text   not null,
    given_at      bigint not null,
    given_by      text   not null,
    constraint staff_posts_pk primary key (department_id, title, staff_id),
    constraint staff_posts_department_fk foreign key (department_id) references departments (id),
    constraint staff_posts_staff_fk foreign key (staff_id) references staff (id)
);
create index staff_posts_by_staff on staff_posts (staff_id);
