-- Seats by weight, kept before sending, and waited for (NF-49).
alter table seats add column waitlist bigint not null default 0;
alter table seats add column waiting bigint not null default 0;
alter table held_seats add column units bigint not null default 1;

-- Seats kept for a draft; they count as taken until they are sent, given back or over.
create table seat_holds (
    draft_id text not null,
    procedure_id text not null,
    pool text not null,
    units bigint not null,
    expires_at bigint not null,
    constraint seat_holds_pk primary key (draft_id, pool)
);
create index seat_holds_by_pool on seat_holds (procedure_id, pool, expires_at);
create index seat_holds_by_expiry on seat_holds (expires_at);

-- Applications that wait for seats: complete and sealed, not arrived yet.
create table waiting (
    id text not null,
    number text not null,
    draft_id text not null,
    procedure_id text not null,
    revision bigint not null,
    account_id text,
    guest_id text,
    contact_sealed bytea,
    secret_sealed bytea,
    secret_hash bytea,
    since bigint not null,
    item_kind bigint not null,
    item_sealed bytea not null,
    constraint waiting_pk primary key (id),
    constraint waiting_one_per_draft unique (draft_id),
    constraint waiting_number_unique unique (number)
);
create index waiting_by_procedure on waiting (procedure_id, since, number);
create index waiting_by_account on waiting (account_id);

-- What they wait for; counted = 1 where there was no seat when they came.
create table waiting_seats (
    waiting_id text not null,
    procedure_id text not null,
    pool text not null,
    units bigint not null,
    counted bigint not null,
    constraint waiting_seats_pk primary key (waiting_id, pool)
);

-- Whose turn came and who is still to be told.
create table promotions (
    application_id text not null,
    at bigint not null,
    constraint promotions_pk primary key (application_id)
);
