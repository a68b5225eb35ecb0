delete from upload_room where owner like 'network:%';
update upload_room
    set files = (select count(*) from uploads), bytes = (select coalesce(sum(size), 0) from uploads)
    where owner = 'all';
alter table uploads drop column network;
