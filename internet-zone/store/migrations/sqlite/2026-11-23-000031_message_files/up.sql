-- Files that citizens sent with a message. Their bytes went across; `held` says why one did not arrive.
create table message_files (
    id text not null,
    message_id text not null,
    name_sealed blob not null,
    size bigint not null,
    held text,
    constraint message_files_pk primary key (id),
    constraint message_files_message foreign key (message_id) references messages (id)
);
create index message_files_by_message on message_files (message_id);

-- How many files staff sent with a message; each comes as a document of that message.
alter table messages add column files integer not null default 0;
alter table documents add column message_id text;
