-- Until when the owner has read what the department wrote, in microseconds. What was written before counts as read.
alter table applications add column read_at bigint not null default 0;
update applications
set read_at = coalesce((select max(at) from messages where messages.application_id = applications.id), 0);
create index corrections_open on corrections (application_id) where answered_at is null;
create index documents_unopened on documents (application_id) where opened_at is null;
