-- 版の移し替え: the revision an application was filled in under, once it was moved to a newer one.
alter table applications add column filled_revision integer;
-- The revision a batch moves applications to, as JSON, and what else there is to say of a row.
alter table batches add column onto text;
alter table batch_rows add column note text not null default '';
