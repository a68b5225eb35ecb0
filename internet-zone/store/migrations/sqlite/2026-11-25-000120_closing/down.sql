drop index mandates_of_delegate;
drop index represented_drafts_by_principal;
