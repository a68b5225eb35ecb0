-- What a batch did can be taken back by another one: which it takes back, and the state each application was in before.
alter table batches add column undoes text;
alter table batch_rows add column before_state text;
create index batches_by_undone on batches (undoes) where undoes is not null;
