-- What is done to many applications at once: looked at first, then done one by one, each with its
-- own outcome (NF-36).
create table batches (
    id           text    not null,
    event        text    not null,
    title        text    not null,
    words        text    not null,
    state        text    not null,
    made_at      bigint  not null,
    made_by      text    not null,
    made_by_name text    not null,
    started_at   bigint,
    ended_at     bigint,
    more         boolean not null,
    constraint batches_pk primary key (id),
    constraint batches_staff_fk foreign key (made_by) references staff (id),
    constraint batches_state_known check (state in ('looked', 'running', 'done', 'dropped'))
);
create index batches_by_maker on batches (made_by, made_at);
create index batches_by_state on batches (state, started_at);

create table batch_rows (
    batch_id       text    not null,
    place          integer not null,
    application_id text,
    number         text    not null,
    seen           integer not null,
    file_name      text    not null,
    file_id        text,
    size           bigint  not null,
    sha256         text    not null,
    outcome        text,
    constraint batch_rows_pk primary key (batch_id, place),
    constraint batch_rows_batch_fk foreign key (batch_id) references batches (id)
);
create index batch_rows_waiting on batch_rows (batch_id, place) where outcome is null;
