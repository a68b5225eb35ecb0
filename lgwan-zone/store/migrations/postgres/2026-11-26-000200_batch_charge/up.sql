-- 担当者 for many at once: whom a batch puts in charge (null: nobody), and who was in charge when a row was looked at.
alter table batches add column person text;
alter table batch_rows add column person text;
