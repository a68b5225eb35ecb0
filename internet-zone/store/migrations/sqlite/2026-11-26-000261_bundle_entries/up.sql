-- The index of a bundle whose items got new numbers, for auditors.
alter table outbox_bundles add column entries blob;
