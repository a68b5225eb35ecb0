-- 意見照会: what a department asks another one about an application, which answers and files it sees (JSON lists of ids), and
-- what either says. turns counts up with every line, so that two people at once take one turn. Times in microseconds.
create table inquiries (
    id             text    not null,
    application_id text    not null,
    department_id  text    not null,
    state          text    not null,
    turns          integer not null default 0,
    question       text    not null,
    due            text    not null,
    fields         text    not null,
    files          text    not null,
    named          boolean not null,
    opinion        text,
    asked_at       bigint  not null,
    asked_by       text    not null,
    asked_by_name  text    not null,
    constraint inquiries_pk primary key (id),
    constraint inquiries_application_fk foreign key (application_id) references applications (id),
    constraint inquiries_department_fk foreign key (department_id) references departments (id),
    constraint inquiries_state check (state in ('asked', 'asked_back', 'answered', 'taken_back', 'over'))
);
create index inquiries_by_application on inquiries (application_id);
create index inquiries_by_department on inquiries (department_id, state, due, id);
create index inquiries_by_state on inquiries (state, due, id);

create table inquiry_lines (
    inquiry_id     text    not null,
    seq            integer not null,
    application_id text    not null,
    at             bigint  not null,
    staff_id       text    not null,
    staff_name     text    not null,
    turn           text    not null,
    opinion        text,
    words          text    not null,
    constraint inquiry_lines_pk primary key (inquiry_id, seq)
);
create index inquiry_lines_by_application on inquiry_lines (application_id);
