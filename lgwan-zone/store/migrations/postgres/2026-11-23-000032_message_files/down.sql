alter table issued_documents drop column message_id;
alter table application_attachments drop column message_id;
alter table messages drop column files;
