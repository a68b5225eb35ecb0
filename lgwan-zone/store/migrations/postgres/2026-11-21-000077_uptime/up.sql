create table uptime (
    zone  text   not null,
    since bigint not null,
    until bigint not null,
    constraint uptime_once primary key (zone, since)
);
