-- A key that reaches what citizens applied for is proposed by one person and released by another; its secret is made when who proposed
-- it asks for it, once. Keys of before were made by one person and stay valid.
alter table api_keys add column released_at bigint;
alter table api_keys add column released_by text
    constraint api_keys_by_two check (released_by <> made_by);
alter table api_keys add column shown_at bigint;
update api_keys set released_at = made_at, shown_at = made_at;
