alter table outbox_bundles drop column entries;
