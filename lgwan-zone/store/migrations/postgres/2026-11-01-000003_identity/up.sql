create table departments (
    id          text    not null,
    code        text    not null,
    name        text    not null,
    phone       text    not null default '',
    place       text    not null default '',
    sort        integer not null default 0,
    constraint departments_pk primary key (id),
    constraint departments_code_once unique (code)
);

create table staff (
    id                   text    not null,
    login_id             text    not null,
    display_name         text    not null,
    role                 text    not null,
    password_hash        text    not null,
    password_changed_at  bigint  not null,
    must_change_password boolean not null default false,
    totp_secret          text,
    totp_confirmed_at    bigint,
    totp_last_step       bigint  not null default 0,
    failures             integer not null default 0,
    last_failure_at      bigint  not null default 0,
    last_login_at        bigint,
    last_login_ip        text,
    previous_login_at    bigint,
    previous_login_ip    text,
    disabled_at          bigint,
    created_at           bigint  not null,
    constraint staff_pk primary key (id),
    constraint staff_login_once unique (login_id),
    constraint staff_role_known check (role in ('administrator', 'procedure_manager', 'clerk', 'auditor'))
);

create table staff_departments (
    staff_id      text not null,
    department_id text not null,
    constraint staff_departments_pk primary key (staff_id, department_id),
    constraint staff_departments_staff_fk foreign key (staff_id) references staff (id),
    constraint staff_departments_department_fk foreign key (department_id) references departments (id)
);
create index staff_departments_by_department on staff_departments (department_id);

create table staff_sessions (
    id_hash      text    not null,
    staff_id     text    not null,
    stage        text    not null,
    ip           text    not null,
    created_at   bigint  not null,
    last_seen_at bigint  not null,
    ends_at      bigint  not null,
    constraint staff_sessions_pk primary key (id_hash),
    constraint staff_sessions_staff_fk foreign key (staff_id) references staff (id),
    constraint staff_sessions_stage_known check (stage in ('code', 'enrol', 'password', 'open'))
);
create index staff_sessions_by_staff on staff_sessions (staff_id);
create index staff_sessions_by_end on staff_sessions (ends_at);
