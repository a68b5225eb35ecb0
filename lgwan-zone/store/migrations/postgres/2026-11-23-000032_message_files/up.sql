-- How many files belong to a message; those of applicants come behind it.
alter table messages add column files integer not null default 0;
alter table application_attachments add column message_id text;
alter table issued_documents add column message_id text;
