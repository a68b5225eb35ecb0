-- The address is found by its keyed hash; address and profile are sealed with the zone's key.
create table accounts (
    id text not null,
    email_index bytea not null,
    email_sealed bytea not null,
    profile_sealed bytea not null,
    password_hash text not null,
    created_at bigint not null,
    last_login_at bigint,
    constraint accounts_pk primary key (id),
    constraint accounts_email_unique unique (email_index)
);

-- Someone who applies without an account; with an address when it was proven by mail.
create table guests (
    id text not null,
    email_index bytea,
    email_sealed bytea,
    created_at bigint not null,
    constraint guests_pk primary key (id),
    constraint guests_email_unique unique (email_index)
);

-- Only the SHA-256 of the cookie's value is kept.
create table sessions (
    id_hash bytea not null,
    account_id text,
    guest_id text,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    constraint sessions_pk primary key (id_hash),
    constraint sessions_have_one_owner check ((account_id is null) <> (guest_id is null)),
    constraint sessions_account foreign key (account_id) references accounts (id) on delete cascade,
    constraint sessions_guest foreign key (guest_id) references guests (id) on delete cascade
);
create index sessions_by_account on sessions (account_id);
create index sessions_by_expiry on sessions (expires_at);

-- Applications a session opened with number and secret.
create table session_grants (
    session_hash bytea not null,
    application_id text not null,
    constraint session_grants_pk primary key (session_hash, application_id),
    constraint session_grants_session foreign key (session_hash) references sessions (id_hash) on delete cascade
);

-- Single-use tokens sent by mail; only the SHA-256 is kept.
create table mail_tokens (
    hash bytea not null,
    purpose text not null,
    payload_sealed bytea not null,
    account_id text,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    constraint mail_tokens_pk primary key (hash)
);
create index mail_tokens_by_expiry on mail_tokens (expires_at);

create table consents (
    id text not null,
    account_id text,
    guest_id text,
    terms_version text not null,
    terms_sha256 bytea not null,
    agreed_at bigint not null,
    constraint consents_pk primary key (id)
);
create index consents_by_account on consents (account_id);
create index consents_by_guest on consents (guest_id);

-- Failed tries at things that are not accounts: look-up numbers, unknown addresses, networks.
create table tries (
    subject bytea not null,
    failures bigint not null,
    last_at bigint not null,
    constraint tries_pk primary key (subject)
);
