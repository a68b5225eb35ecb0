create table lane_seals (
    lane   text   not null,
    key_id bytea   not null,
    since  bigint not null,
    constraint lane_seals_pk primary key (lane)
);

create table lane_epochs (
    lane         text    not null,
    epoch        integer not null,
    old_epoch    integer not null,
    old_seq      bigint  not null,
    hash         bytea    not null,
    document     bytea    not null,
    installed_at bigint  not null,
    constraint lane_epochs_pk primary key (lane, epoch)
);

create table lane_lives (
    lane text not null,
    life text not null,
    constraint lane_lives_pk primary key (lane, life)
);

create table lane_holds (
    lane    text   not null,
    receipt bytea   not null,
    at      bigint not null,
    constraint lane_holds_pk primary key (lane)
);
