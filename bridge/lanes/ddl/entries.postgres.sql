-- The index of a bundle as bytes, kept when its items get other numbers, by a reset or a replay: evidence outlives it.
alter table outbox_bundles add column entries bytea;
