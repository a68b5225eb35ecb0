-- Who may use a procedure that its address alone does not open. What opens it (a code, an address) is here
-- as a hash under the zone's key. used counts applications, those that wait among them.
create table invitations (
    id           text    not null,
    procedure_id text    not null,
    key_hash     bytea  not null,
    uses         bigint  not null,
    used         bigint  not null,
    until_at     bigint  not null,
    revoked_at   bigint,
    constraint invitations_pk primary key (id),
    constraint invitations_never_overused check (used between 0 and uses)
);
create index invitations_by_key on invitations (procedure_id, key_hash);
create index invitations_by_end on invitations (until_at);

-- What the visitor of a session has shown.
create table invited_sessions (
    session_hash  bytea not null,
    invitation_id text not null,
    constraint invited_sessions_pk primary key (session_hash, invitation_id),
    constraint invited_sessions_session foreign key (session_hash) references sessions (id_hash) on delete cascade
);

-- The invitation by which a draft was begun: it is sent by it from any device.
create table invited_drafts (
    draft_id      text not null,
    invitation_id text not null,
    constraint invited_drafts_pk primary key (draft_id),
    constraint invited_drafts_draft foreign key (draft_id) references drafts (id) on delete cascade
);
