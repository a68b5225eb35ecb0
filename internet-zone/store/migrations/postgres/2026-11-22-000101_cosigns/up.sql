-- Who is asked to agree to an application before it is sent, and what they answered (連署). The row
-- stays when the draft has become an application.
create table cosigns (
    id text not null,
    draft_id text not null,
    kind text not null,
    place bigint not null,
    name_sealed bytea not null,
    email_index bytea not null,
    email_sealed bytea not null,
    state text not null,
    asked_at bigint not null,
    expires_at bigint not null,
    account_id text,
    answered_at bigint,
    content bytea,
    reason_sealed bytea,
    constraint cosigns_pk primary key (id),
    constraint cosigns_agreed_by_somebody check (state <> 'agreed' or (account_id is not null and content is not null))
);
create unique index cosigns_one_each_place on cosigns (draft_id, kind, place);
create unique index cosigns_one_each_address on cosigns (draft_id, email_index);
create unique index cosigns_one_each_account on cosigns (draft_id, account_id);
create index cosigns_by_address on cosigns (email_index, asked_at);
create index cosigns_by_account on cosigns (account_id, answered_at);
create index cosigns_by_expiry on cosigns (expires_at) where state = 'asked';
