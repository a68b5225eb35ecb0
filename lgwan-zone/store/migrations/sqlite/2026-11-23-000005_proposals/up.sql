-- Revisions somebody proposed for publication, which somebody else releases (four eyes). One row for each definition that
-- was brought in or designed; design_id is the design it was made from, whose next change voids it. Times in microseconds.
create table procedure_proposals (
    import_id     text    not null,
    procedure_id  text    not null,
    department_id text    not null,
    title         text    not null,
    revision      integer not null,
    sha256        text    not null,
    design_id     text,
    state         text    not null,
    proposed_at   bigint  not null,
    proposed_by   text    not null,
    proposer      text    not null,
    closed_at     bigint,
    closed_by     text    not null default '',
    closer        text    not null default '',
    reason        text    not null default '',
    constraint procedure_proposals_pk primary key (import_id),
    constraint procedure_proposals_import_fk foreign key (import_id) references procedure_imports (id),
    constraint procedure_proposals_state_known check (state in ('open', 'released', 'returned', 'withdrawn', 'void')),
    constraint procedure_proposals_four_eyes check (state <> 'released' or closed_by <> proposed_by)
);
create index procedure_proposals_by_state on procedure_proposals (state, procedure_id);
create index procedure_proposals_by_person on procedure_proposals (proposed_by, proposed_at);
