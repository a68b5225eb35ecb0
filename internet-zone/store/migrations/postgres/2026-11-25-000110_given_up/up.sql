-- What an application gave up when it ended: it gets back what is free when the staff zone goes on with it
-- after all, as after a withdrawal that came too late.
create table given_up_seats (
    application_id text not null,
    procedure_id text not null,
    pool text not null,
    units bigint not null,
    constraint given_up_seats_pk primary key (application_id, pool)
);

create table given_up_keys (
    application_id text not null,
    procedure_id text not null,
    key_hash bytea not null,
    expires_at bigint,
    constraint given_up_keys_pk primary key (application_id)
);

-- What a step of the way says beside its state: a withdrawal that was too late. Empty for most.
alter table application_steps add column turn text not null default '';
