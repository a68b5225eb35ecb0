-- Invitations to procedures that their address alone does not open, as they were handed out together.
create table invitation_lots (
    id           text    not null,
    procedure_id text    not null,
    label        text    not null,
    kind         text    not null,
    uses         integer not null,
    until_at     bigint  not null,
    made_at      bigint  not null,
    made_by      text    not null,
    constraint invitation_lots_pk primary key (id),
    constraint invitation_lots_procedure_fk foreign key (procedure_id) references procedures (id)
);
create index invitation_lots_by_procedure on invitation_lots (procedure_id, made_at);
create index invitation_lots_by_end on invitation_lots (until_at);

-- named is the code on the slip, or the address that was invited.
create table invitations (
    id         text    not null,
    lot_id     text    not null,
    place      integer not null,
    named      text    not null,
    used       integer not null,
    revoked_at bigint,
    constraint invitations_pk primary key (id),
    constraint invitations_lot_fk foreign key (lot_id) references invitation_lots (id) on delete cascade
);
create index invitations_by_lot on invitations (lot_id, place);

-- By which invitation an application was sent. It may be told before the application arrives.
create table application_invitations (
    application_id text not null,
    invitation_id  text not null,
    constraint application_invitations_pk primary key (application_id)
);
create index application_invitations_by_invitation on application_invitations (invitation_id);
