alter table staff add column email text not null default '';

-- Lists of staff as they were handed in: what could be read of them, and what became of it.
create table rosters (
    id         text    not null,
    file_name  text    not null,
    whole      boolean not null,
    people     text    not null,
    faults     text    not null,
    state      text    not null,
    applies_on text,
    read_at    bigint  not null,
    read_by    text    not null,
    decided_at bigint,
    decided_by text,
    joined     integer not null default 0,
    altered    integer not null default 0,
    stopped    integer not null default 0,
    constraint rosters_pk primary key (id),
    constraint rosters_state_known check (state in ('read', 'waiting', 'applied', 'dropped')),
    constraint rosters_wait_for_a_day check (state <> 'waiting' or applies_on is not null)
);
create index rosters_by_time on rosters (read_at);
create index rosters_by_day on rosters (state, applies_on);
