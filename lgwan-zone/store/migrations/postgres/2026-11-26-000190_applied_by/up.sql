-- 庁内の申請: the member of staff who applied; null for everybody else. Nobody works on their own at the desk (docs/decisions/0110).
alter table applications add column applied_by text;
update applications
set applied_by = (select desk_entries.staff_id from desk_entries where desk_entries.application_id = applications.id)
where id in (select application_id from desk_entries where channel = 'staff');
