alter table batches drop column asked;
