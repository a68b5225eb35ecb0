-- Questions kept beside the procedures, and where copies of them went. search is the folded name and labels.
create table bank_items (
    id            text    not null,
    name          text    not null,
    department_id text    not null,
    fields        text    not null,
    search        text    not null,
    procedure_id  text    not null,
    revision      integer not null,
    kept_at       bigint  not null,
    kept_by       text    not null,
    retired_at    bigint,
    constraint bank_items_pk primary key (id),
    constraint bank_items_department_fk foreign key (department_id) references departments (id)
);
create index bank_items_by_name on bank_items (name, id);

create table bank_uses (
    item_id      text   not null,
    procedure_id text   not null,
    field_id     text   not null,
    taken_at     bigint not null,
    taken_by     text   not null,
    constraint bank_uses_pk primary key (item_id, procedure_id, field_id),
    constraint bank_uses_item_fk foreign key (item_id) references bank_items (id)
);
