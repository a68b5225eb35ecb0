-- What happened to the service, as the administrator wrote it down (NB-9, IK-3.5.1b). Times in microseconds.
create table incidents (
    id          text    not null primary key,
    kind        text    not null,
    affected    text    not null,
    began_at    bigint  not null,
    ended_at    bigint,
    stopped     boolean not null,
    title       text    not null,
    happened    text    not null,
    cause       text    not null,
    measure     text    not null,
    version     integer not null,
    recorded_at bigint  not null,
    recorded_by text    not null,
    changed_at  bigint  not null,
    changed_by  text    not null,
    constraint incidents_end_after_they_began check (ended_at is null or ended_at >= began_at)
);
create index incidents_by_time on incidents (began_at, id);
