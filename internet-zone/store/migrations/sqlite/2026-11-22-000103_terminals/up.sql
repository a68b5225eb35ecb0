-- Unsent answers begun at a counter terminal by somebody nobody could find again: they go with the visit.
create table terminal_drafts (
    draft_id text not null,
    guest_id text not null,
    constraint terminal_drafts_pk primary key (draft_id),
    constraint terminal_drafts_draft foreign key (draft_id) references drafts (id) on delete cascade
);
create index terminal_drafts_by_guest on terminal_drafts (guest_id);
create index sessions_by_guest on sessions (guest_id);
