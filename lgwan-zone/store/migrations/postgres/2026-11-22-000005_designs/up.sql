-- Procedures that are being designed (NB-2.5). version counts every change and is compared before the next one;
-- step is the document that counts now, steps behind it can be taken again. next_number is the number of the next
-- id of a question and only grows, whatever is undone. Times in microseconds.
create table designs (
    id            text    not null,
    procedure_id  text    not null,
    department_id text    not null,
    title         text    not null,
    based_on      integer not null,
    state         text    not null,
    version       integer not null,
    step          integer not null,
    next_number   integer not null,
    begun_at      bigint  not null,
    begun_by      text    not null,
    changed_at    bigint  not null,
    changed_by    text    not null,
    constraint designs_pk primary key (id),
    constraint designs_department_fk foreign key (department_id) references departments (id),
    constraint designs_state_known check (state in ('open', 'published', 'discarded')),
    constraint designs_counts check (version > 0 and step > 0 and next_number > 0 and based_on >= 0)
);
create index designs_by_state on designs (state, changed_at, id);
create index designs_by_procedure on designs (procedure_id, state);

create table design_steps (
    design_id     text    not null,
    step          integer not null,
    department_id text    not null,
    title         text    not null,
    document      text    not null,
    constraint design_steps_pk primary key (design_id, step),
    constraint design_steps_design_fk foreign key (design_id) references designs (id)
);

create table design_changes (
    design_id text    not null,
    version   integer not null,
    what      text    not null,
    label     text    not null,
    staff_id  text    not null,
    name      text    not null,
    at        bigint  not null,
    constraint design_changes_pk primary key (design_id, version),
    constraint design_changes_design_fk foreign key (design_id) references designs (id)
);
