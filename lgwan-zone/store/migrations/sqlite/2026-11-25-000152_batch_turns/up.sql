-- Batches that run take turns: the one whose piece was longest ago is next. In which session and from which address the
-- button was pressed, as long as it runs: every row of the log names both.
alter table batches add column turn bigint not null default 0;
alter table batches add column session text not null default '';
alter table batches add column ip text not null default '';
create index batches_by_turn on batches (state, turn, started_at, id);
