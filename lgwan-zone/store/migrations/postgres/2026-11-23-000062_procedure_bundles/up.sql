-- Signed bundles of procedures that other cities sent, as they came: they are verified whenever they
-- are looked at. Those that became no design go after a month.
create table procedure_bundles (
    id          text    not null,
    file_name   text    not null,
    bundle      text    not null,
    brought_at  bigint  not null,
    brought_by  text    not null,
    design_id   text    not null default '',
    constraint procedure_bundles_pk primary key (id)
);
