-- Trials of designs (試験公開). The row stays when a trial is over; everything that was sent to it goes.
-- ended_how is empty while it is open.
create table trials (
    id           text    not null,
    design_id    text    not null,
    procedure_id text    not null,
    revision     integer not null,
    sha256       text    not null,
    began_at     bigint  not null,
    began_by     text    not null,
    until_at     bigint  not null,
    ended_at     bigint,
    ended_how    text    not null,
    constraint trials_pk primary key (id)
);
create unique index trials_open_of_design on trials (design_id) where ended_at is null;

-- Definitions that trials were handed over as: they are published as they were tried, or not at all.
create table trial_imports (
    import_id text not null,
    trial_id  text not null,
    constraint trial_imports_pk primary key (import_id)
);

-- Applications that went with their trial: what is still on its way of them is not kept.
create table trial_gone (
    id      text   not null,
    gone_at bigint not null,
    constraint trial_gone_pk primary key (id)
);
create index trial_gone_by_time on trial_gone (gone_at);
