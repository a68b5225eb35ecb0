-- The index of a bundle as bytes, kept when a reset gives its items numbers of the new epoch: evidence outlives it.
alter table outbox_bundles add column entries bytea;
