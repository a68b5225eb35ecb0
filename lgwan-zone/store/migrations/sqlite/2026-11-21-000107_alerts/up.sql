-- What was noticed in the operation logs, until an auditor has looked at it (IK-3.5.5). Times in microseconds;
-- event is the number of the one event it is about.
create table alerts (
    id       text   not null primary key,
    rule     text   not null,
    subject  text   not null,
    zone     text   not null,
    event    bigint,
    first_at bigint not null,
    last_at  bigint not null,
    count    bigint not null,
    seen_at  bigint,
    seen_by  text,
    remark   text   not null,
    constraint alerts_of_one_event_come_once unique (rule, subject, event)
);
create index alerts_by_time on alerts (last_at, id);
create index alerts_open on alerts (first_at, id) where seen_at is null;
