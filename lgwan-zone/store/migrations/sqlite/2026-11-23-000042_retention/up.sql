-- How long what is over is kept (IK-3.5.1a): one person proposes a period, another approves it. procedure_id is empty for a
-- rule of a whole class. Logs are kept three years at least. Times in microseconds.
create table retention_rules (
    id           text    not null,
    class        text    not null,
    procedure_id text    not null,
    months       integer not null,
    reason       text    not null,
    state        text    not null,
    proposed_at  bigint  not null,
    proposed_by  text    not null,
    proposer     text    not null,
    decided_at   bigint,
    decided_by   text    not null default '',
    decider      text    not null default '',
    remark       text    not null default '',
    ended_at     bigint,
    ended_by     text    not null default '',
    constraint retention_rules_pk primary key (id),
    constraint retention_rules_state_known check (state in ('proposed', 'approved', 'returned', 'withdrawn', 'replaced', 'stopped')),
    constraint retention_rules_four_eyes check (state in ('proposed', 'returned', 'withdrawn') or decided_by <> proposed_by),
    constraint retention_rules_positive check (months > 0),
    constraint retention_rules_logs_stay check (class not in ('staff_log', 'citizens_log') or months >= 36)
);
create unique index retention_rules_one_in_force on retention_rules (class, procedure_id) where state = 'approved';
create unique index retention_rules_one_proposed on retention_rules (class, procedure_id) where state = 'proposed';
create index retention_rules_by_time on retention_rules (proposed_at);

-- Applications that stay whatever the rules say, until somebody lifts it.
create table retention_holds (
    application_id text   not null,
    reason         text   not null,
    at             bigint not null,
    staff_id       text   not null,
    staff_name     text   not null,
    constraint retention_holds_pk primary key (application_id),
    constraint retention_holds_application_fk foreign key (application_id) references applications (id)
);

-- What a rule deleted on which day.
create table retention_runs (
    rule_id text   not null,
    day     text   not null,
    deleted bigint not null,
    constraint retention_runs_pk primary key (rule_id, day),
    constraint retention_runs_rule_fk foreign key (rule_id) references retention_rules (id)
);

-- Files whose rows are gone, until they are gone from the disk too.
create table doomed_files (
    id text not null,
    constraint doomed_files_pk primary key (id)
);

create index entry_drafts_by_application on entry_drafts (application_id) where application_id is not null;
-- Deleting an application looks for it in each of these.
create index export_held_by_application on export_held (application_id);
create index export_ledger_by_application on export_ledger (application_id);
create index export_record_errors_by_application on export_record_errors (application_id);
create index export_repeated_by_application on export_repeated (application_id);
create index batch_rows_by_application on batch_rows (application_id) where application_id is not null;

insert into daily_tasks (task, day) values ('retention', '');
