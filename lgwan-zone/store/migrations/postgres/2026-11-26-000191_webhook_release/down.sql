alter table webhooks drop column released_by;
alter table webhooks drop column released_at;
