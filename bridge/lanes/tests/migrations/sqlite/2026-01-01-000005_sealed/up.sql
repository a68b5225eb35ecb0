-- What an item says, apart from its place: giving it a number must not write it again.
create table outbox_sealed (
    item   integer not null,
    sealed blob not null,
    constraint outbox_sealed_pk primary key (item),
    constraint outbox_sealed_of_item foreign key (item) references outbox_items (id) on delete cascade
);
insert into outbox_sealed (item, sealed) select id, sealed from outbox_items where length(sealed) > 0;
alter table outbox_items drop column sealed;
