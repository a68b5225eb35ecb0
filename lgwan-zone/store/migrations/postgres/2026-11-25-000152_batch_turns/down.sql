drop index batches_by_turn;
alter table batches drop column ip;
alter table batches drop column session;
alter table batches drop column turn;
