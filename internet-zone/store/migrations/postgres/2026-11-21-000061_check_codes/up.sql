-- What anybody compares a document with (NF-31).
alter table documents add column sha256 bytea;
