create table uptime (
    since bigint not null primary key,
    until bigint not null
);
