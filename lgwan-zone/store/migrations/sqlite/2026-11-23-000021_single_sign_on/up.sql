-- How a session began, and the page the person wanted to see first.
alter table staff_sessions add column entered text not null default 'password';
alter table staff_sessions add column goal text not null default '';

-- Sign-ins at the identity provider that were begun and, once answered, wait for their browser.
create table sso_requests (
    id       text    not null,
    browser  text    not null,
    goal     text    not null,
    ends_at  bigint  not null,
    account  text,
    proven   boolean not null default false,
    until    bigint,
    constraint sso_requests_pk primary key (id)
);
create index sso_requests_by_end on sso_requests (ends_at);

-- Assertions that were used, as long as they could be used again.
create table sso_assertions (
    id      text   not null,
    ends_at bigint not null,
    constraint sso_assertions_pk primary key (id)
);
create index sso_assertions_by_end on sso_assertions (ends_at);
