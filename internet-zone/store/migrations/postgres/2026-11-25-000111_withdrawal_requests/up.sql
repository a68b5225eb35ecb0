-- 取下げの申出 that wait for an answer of the office: one of an application at a time. The words are not kept.
create table withdrawal_requests (
    application_id text not null,
    request_id text not null,
    asked_at bigint not null,
    constraint withdrawal_requests_pk primary key (application_id)
);
