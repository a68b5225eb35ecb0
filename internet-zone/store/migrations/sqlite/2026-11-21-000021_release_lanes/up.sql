create table lane_backups (
    name      text    not null,
    lane      text    not null,
    epoch     integer not null,
    seq       bigint  not null,
    hash      blob    not null,
    marked_at bigint  not null,
    constraint lane_backups_pk primary key (name, lane)
);

create table lane_replays (
    lane      text    not null,
    epoch     integer not null,
    first_seq bigint  not null,
    last_seq  bigint  not null,
    asked_at  bigint  not null,
    constraint lane_replays_pk primary key (lane, epoch, first_seq, last_seq)
);
