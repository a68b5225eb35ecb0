-- Room of everybody is taken by what came, not by what was announced; each network has its own.
alter table uploads add column network text not null default '';
update upload_room
    set files = 0, bytes = (select coalesce(sum(received), 0) from uploads)
    where owner = 'all';
insert into upload_room (owner, files, bytes)
    select 'network:', 0, came.bytes
    from (select coalesce(sum(received), 0) as bytes from uploads) as came
    where came.bytes > 0;
