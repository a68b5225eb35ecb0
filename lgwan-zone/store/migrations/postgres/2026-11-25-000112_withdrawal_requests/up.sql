-- 取下げの申出: applicants ask the office to let an application be withdrawn; one of an application is open at a time.
create table withdrawal_requests (
    id text not null,
    application_id text not null,
    reason text not null,
    asked_at bigint not null,
    -- open, granted, declined, taken_back, or over: decided without an answer.
    state text not null,
    ended_at bigint,
    ended_by text not null default '',
    words text not null default '',
    constraint withdrawal_requests_pk primary key (id)
);
create index withdrawal_requests_by_application on withdrawal_requests (application_id, asked_at);

-- Since when the request of an application waits: a range of one department, whichever department has it.
alter table applications add column withdrawal_since bigint;
create index applications_by_withdrawal on applications (department_id, withdrawal_since, id) where withdrawal_since is not null;
