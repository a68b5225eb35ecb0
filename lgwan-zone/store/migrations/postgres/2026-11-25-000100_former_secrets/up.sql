-- The secret a key had before it got another one (IK-2.1.2d2): taken beside it until a moment, so that a business system is
-- changed without a gap. One for each key at most. Times in microseconds.
create table api_former_secrets (
    key_id      text   not null,
    secret_hash text   not null,
    until_at    bigint not null,
    constraint api_former_secrets_pk primary key (key_id),
    constraint api_former_secrets_key_fk foreign key (key_id) references api_keys (id),
    constraint api_former_secrets_once unique (secret_hash)
);
