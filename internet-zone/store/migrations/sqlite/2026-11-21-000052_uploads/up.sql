-- Files that come in pieces (NF-56).
create table uploads (
    id text not null,
    draft_id text not null,
    owner text not null,
    input text not null,
    mark blob not null,
    name_sealed blob not null,
    size bigint not null,
    received bigint not null,
    expires_at bigint not null,
    constraint uploads_pk primary key (id),
    constraint uploads_within_size check (received between 0 and size)
);
create index uploads_by_draft on uploads (draft_id);
create index uploads_by_expiry on uploads (expires_at);

-- Their bytes that are durable, each by its name in the folder.
create table upload_pieces (
    upload_id text not null,
    first bigint not null,
    file_id text not null,
    constraint upload_pieces_pk primary key (upload_id, first),
    constraint upload_pieces_file_unique unique (file_id)
);

-- What the unfinished files of one person, and of all, take.
create table upload_room (
    owner text not null,
    files bigint not null,
    bytes bigint not null,
    constraint upload_room_pk primary key (owner)
);
