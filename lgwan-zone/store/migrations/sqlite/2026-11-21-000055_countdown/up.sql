-- 標準処理期間: the moment the last day ends while the office works on an application, the open
-- days that were left while the applicant corrects. The indexes hold what is being worked on only.
alter table applications add column deadline_at bigint;
alter table applications add column days_left integer;
create index applications_by_deadline on applications (department_id, deadline_at, id)
    where deadline_at is not null;
create index applications_by_state_deadline on applications (department_id, state, deadline_at, id)
    where deadline_at is not null;
create index applications_by_procedure_deadline
    on applications (department_id, procedure_id, deadline_at, id)
    where deadline_at is not null;

-- Letters to staff that tell of no single arrival. Deleted when the mail server took them.
create table staff_letters (
    id         text    not null,
    kind       text    not null,
    recipient  text    not null,
    subject    text    not null,
    body       text    not null,
    attempts   integer not null default 0,
    next_at    bigint  not null,
    created_at bigint  not null,
    last_error text,
    constraint staff_letters_pk primary key (id)
);
create index staff_letters_by_next on staff_letters (next_at);

-- What is done once a day, and the day it was done for last.
create table daily_tasks (
    task text not null,
    day  text not null,
    constraint daily_tasks_pk primary key (task)
);
insert into daily_tasks (task, day) values ('reminders', '');
