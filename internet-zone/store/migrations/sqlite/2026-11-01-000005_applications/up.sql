create table counters (
    name text not null,
    value bigint not null,
    constraint counters_pk primary key (name)
);

-- Unsent answers, sealed per draft. A correction is a draft that knows its application.
create table drafts (
    id text not null,
    procedure_id text not null,
    revision integer not null,
    account_id text,
    guest_id text,
    application_id text,
    round integer,
    answers_sealed blob not null,
    version integer not null default 0,
    reached integer not null default 0,
    created_at bigint not null,
    updated_at bigint not null,
    expires_at bigint not null,
    warned_at bigint,
    constraint drafts_pk primary key (id),
    constraint drafts_have_one_owner check ((account_id is null) <> (guest_id is null)),
    constraint drafts_one_per_round unique (application_id, round)
);
create index drafts_by_account on drafts (account_id);
create index drafts_by_guest on drafts (guest_id);
create index drafts_by_expiry on drafts (expires_at);

create table draft_files (
    id text not null,
    draft_id text not null,
    input text not null,
    name_sealed blob not null,
    media text not null,
    size bigint not null,
    sha256 blob not null,
    added_at bigint not null,
    -- What the look before sending said; the password the citizen gave, sealed.
    look text not null,
    password_sealed blob,
    constraint draft_files_pk primary key (id),
    constraint draft_files_draft foreign key (draft_id) references drafts (id) on delete cascade
);
create index draft_files_by_draft on draft_files (draft_id);

-- What this zone may know after acceptance: that it arrived, and where it stands.
create table applications (
    id text not null,
    number text not null,
    draft_id text not null,
    procedure_id text not null,
    revision integer not null,
    account_id text,
    guest_id text,
    contact_sealed blob,
    secret_sealed blob,
    secret_hash blob,
    arrived_at bigint not null,
    state text not null,
    state_at bigint not null,
    note text not null default '',
    expected text not null default '',
    constraint applications_pk primary key (id),
    constraint applications_number_unique unique (number),
    constraint applications_one_per_draft unique (draft_id)
);
create index applications_by_account on applications (account_id, arrived_at);
create index applications_by_guest on applications (guest_id);

create table application_steps (
    application_id text not null,
    seq integer not null,
    state text not null,
    at bigint not null,
    note text not null,
    constraint application_steps_pk primary key (application_id, seq),
    constraint application_steps_application foreign key (application_id) references applications (id)
);

-- Seats an application holds, to be given back when it is withdrawn.
create table held_seats (
    application_id text not null,
    procedure_id text not null,
    pool text not null,
    constraint held_seats_pk primary key (application_id, pool)
);

-- One application per person (NF-64): the key is a keyed hash.
create table once_keys (
    procedure_id text not null,
    key_hash blob not null,
    application_id text not null,
    expires_at bigint,
    constraint once_keys_pk primary key (procedure_id, key_hash)
);
create index once_keys_by_application on once_keys (application_id);

-- Files that could not be taken over, told by the other zone.
create table held_files (
    application_id text not null,
    seq integer not null,
    name_sealed blob not null,
    reason text not null,
    at bigint not null,
    constraint held_files_pk primary key (application_id, seq),
    constraint held_files_application foreign key (application_id) references applications (id)
);

create table corrections (
    application_id text not null,
    round integer not null,
    asked_sealed blob not null,
    due text not null,
    asked_at bigint not null,
    answered_at bigint,
    constraint corrections_pk primary key (application_id, round),
    constraint corrections_application foreign key (application_id) references applications (id)
);

create table documents (
    id text not null,
    application_id text not null,
    name_sealed blob not null,
    media text not null,
    size bigint not null,
    file_id text not null,
    issued_at bigint not null,
    opened_at bigint,
    constraint documents_pk primary key (id),
    constraint documents_application foreign key (application_id) references applications (id)
);
create index documents_by_application on documents (application_id);
create index documents_by_file on documents (file_id);

-- Files to delete from the folder: written with the change, worked off afterwards.
create table doomed_files (
    id text not null,
    constraint doomed_files_pk primary key (id)
);
