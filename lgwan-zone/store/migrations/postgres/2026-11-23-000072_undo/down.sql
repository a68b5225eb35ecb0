drop index batches_by_undone;
alter table batch_rows drop column before_state;
alter table batches drop column undoes;
