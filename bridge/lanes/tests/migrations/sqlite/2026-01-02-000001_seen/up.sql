create table seen (
    place bigint not null primary key,
    uuid  text   not null,
    said  text   not null
);
