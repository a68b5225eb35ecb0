-- Acting for somebody else (NF-16). How many mandates an account has given and not ended.
alter table accounts add column mandates bigint not null default 0;

create table mandates (
    id text not null,
    principal_id text not null,
    delegate_id text,
    delegate_index bytea not null,
    delegate_sealed bytea not null,
    every_procedure bigint not null,
    documents bigint not null,
    offered_at bigint not null,
    accepted_at bigint,
    expires_at bigint not null,
    ended_at bigint,
    constraint mandates_pk primary key (id),
    constraint mandates_accepted_by_somebody check ((accepted_at is null) = (delegate_id is null)),
    constraint mandates_not_for_oneself check (delegate_id is null or delegate_id <> principal_id)
);
create index mandates_by_principal on mandates (principal_id, offered_at);
create index mandates_by_address on mandates (delegate_index) where ended_at is null;
create index mandates_by_delegate on mandates (delegate_id, principal_id) where ended_at is null;
create index mandates_by_expiry on mandates (expires_at) where ended_at is null;
create unique index mandates_one_each on mandates (principal_id, delegate_index) where ended_at is null;

-- The procedures of a mandate that is not for every procedure.
create table mandate_procedures (
    mandate_id text not null,
    procedure_id text not null,
    constraint mandate_procedures_pk primary key (mandate_id, procedure_id)
);

-- Drafts begun by a delegate. The row stays when the draft has become an application.
create table represented_drafts (
    draft_id text not null,
    principal_id text not null,
    delegate_id text not null,
    begun_at bigint not null,
    constraint represented_drafts_pk primary key (draft_id)
);
create index represented_drafts_by_delegate on represented_drafts (delegate_id, principal_id, begun_at);
