-- Closing an account (退会): what others did for it and what it did for others is found without reading every row.
create index represented_drafts_by_principal on represented_drafts (principal_id);
create index mandates_of_delegate on mandates (delegate_id);
