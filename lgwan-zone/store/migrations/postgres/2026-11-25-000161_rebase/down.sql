alter table batch_rows drop column note;
alter table batches drop column onto;
alter table applications drop column filled_revision;
