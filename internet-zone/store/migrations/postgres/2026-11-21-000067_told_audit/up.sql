create table audit_told (
    id  integer not null primary key,
    seq bigint  not null,
    constraint audit_told_is_one_row check (id = 1)
);
insert into audit_told (id, seq) values (1, 0);

create table audit_anchors (
    seq       bigint not null,
    hash      bytea not null,
    at        bigint not null,
    signature bytea not null,
    told_at   bigint not null,
    constraint audit_anchors_once primary key (seq, hash)
);
