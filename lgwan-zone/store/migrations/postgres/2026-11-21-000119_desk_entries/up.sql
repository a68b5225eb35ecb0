-- Applications that came on paper, by phone or by fax and were entered by staff (IK-2.1.2a3).
create table desk_entries (
    application_id text   not null,
    channel        text   not null,
    entered_at     bigint not null,
    staff_id       text   not null,
    staff_name     text   not null,
    constraint desk_entries_pk primary key (application_id),
    constraint desk_entries_application_fk foreign key (application_id) references applications (id),
    constraint desk_entries_channel_known check (channel in ('post', 'phone', 'counter', 'fax'))
);

-- Answers that staff took although the rules of the form do not.
create table desk_overrides (
    application_id text    not null,
    round          integer not null,
    field          text    not null,
    reason         text    not null,
    at             bigint  not null,
    staff_id       text    not null,
    staff_name     text    not null,
    constraint desk_overrides_pk primary key (application_id, round, field),
    constraint desk_overrides_application_fk foreign key (application_id) references applications (id)
);

-- Numbers given at the desk; those of citizens are counted in their own zone.
create table desk_numbers (
    fiscal_year integer not null,
    last        bigint  not null,
    constraint desk_numbers_pk primary key (fiscal_year),
    constraint desk_numbers_positive check (last > 0)
);

-- What a clerk has begun to enter; kept after the end, empty, so that a second press finds the first.
create table entry_drafts (
    id             text    not null,
    procedure_id   text    not null,
    revision       integer not null,
    staff_id       text    not null,
    channel        text    not null,
    received_on    text    not null,
    email          text    not null,
    answers        text    not null,
    reasons        text    not null,
    version        integer not null default 1,
    began_at       bigint  not null,
    saved_at       bigint  not null,
    corrects       text,
    application_id text,
    constraint entry_drafts_pk primary key (id)
);
create index entry_drafts_open on entry_drafts (staff_id, saved_at) where application_id is null;

-- Scans added to a draft.
create table entry_files (
    id       text   not null,
    draft_id text   not null,
    field    text   not null,
    name     text   not null,
    media    text   not null,
    size     bigint not null,
    sha256   text   not null,
    constraint entry_files_pk primary key (id),
    constraint entry_files_draft_fk foreign key (draft_id) references entry_drafts (id)
);
create index entry_files_by_draft on entry_files (draft_id);
