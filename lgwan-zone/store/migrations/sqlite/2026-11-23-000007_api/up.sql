-- Keys of business systems (IK-2.1.2d2): only the hash of the secret; scopes, departments, procedures and networks are
-- JSON lists. Times in microseconds.
create table api_keys (
    id          text    not null,
    name        text    not null,
    purpose     text    not null,
    scopes      text    not null,
    departments text    not null,
    procedures  text    not null,
    networks    text    not null,
    per_minute  integer not null,
    secret_hash text    not null,
    made_at     bigint  not null,
    made_by     text    not null,
    expires_at  bigint  not null,
    revoked_at  bigint,
    revoked_by  text,
    used_at     bigint,
    used_from   text,
    constraint api_keys_pk primary key (id),
    constraint api_keys_secret_once unique (secret_hash),
    constraint api_keys_pace_positive check (per_minute > 0)
);

-- What was answered to a write, so that trying again does nothing twice. request is the hash of what was asked for.
create table api_calls (
    key_id          text    not null,
    idempotency_key text    not null,
    at              bigint  not null,
    request         text    not null,
    version         integer not null,
    answer          text    not null,
    constraint api_calls_pk primary key (key_id, idempotency_key),
    constraint api_calls_key_fk foreign key (key_id) references api_keys (id)
);
create index api_calls_by_age on api_calls (at);

-- Internal notes that business systems write.
create table api_notes (
    id             text   not null,
    application_id text   not null,
    at             bigint not null,
    key_id         text   not null,
    words          text   not null,
    constraint api_notes_pk primary key (id),
    constraint api_notes_application_fk foreign key (application_id) references applications (id),
    constraint api_notes_key_fk foreign key (key_id) references api_keys (id)
);
create index api_notes_by_application on api_notes (application_id, at);
