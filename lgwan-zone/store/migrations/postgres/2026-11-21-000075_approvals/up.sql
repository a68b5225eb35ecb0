-- 決裁: decisions that wait for approvals, and the approvals. What the applicant is told waits for
-- the last one.
alter table applications add column approvals integer not null default 0;

create table decisions (
    application_id   text    not null,
    round            integer not null,
    event            text    not null,
    words            text    not null,
    state            text    not null,
    stage            integer not null,
    version          integer not null,
    proposed_at      bigint  not null,
    proposed_by      text    not null,
    proposed_by_name text    not null,
    constraint decisions_pk primary key (application_id, round),
    constraint decisions_application_fk foreign key (application_id) references applications (id),
    constraint decisions_state_known check (state in ('open', 'approved', 'returned', 'told'))
);

create table approvals (
    application_id text    not null,
    round          integer not null,
    stage          integer not null,
    title          text    not null,
    at             bigint  not null,
    staff_id       text    not null,
    staff_name     text    not null,
    deputy         boolean not null,
    approved       boolean not null,
    words          text    not null,
    constraint approvals_pk primary key (application_id, round, stage),
    constraint approvals_decision_fk foreign key (application_id, round)
        references decisions (application_id, round)
);

-- Whom a decision waits for now.
create table approval_desks (
    application_id text   not null,
    login_id       text   not null,
    since          bigint not null,
    constraint approval_desks_pk primary key (application_id, login_id),
    constraint approval_desks_application_fk foreign key (application_id) references applications (id)
);
create index approval_desks_by_person on approval_desks (login_id, since);
