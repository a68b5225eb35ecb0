-- Drafts that were begun together (IK-2.1.2c). The row stays when the draft has become an application.
create table together_drafts (
    draft_id text not null,
    set_id text not null,
    place bigint not null,
    constraint together_drafts_pk primary key (draft_id),
    constraint together_drafts_place unique (set_id, place)
);
