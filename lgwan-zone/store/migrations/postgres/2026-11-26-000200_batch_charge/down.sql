alter table batch_rows drop column person;
alter table batches drop column person;
