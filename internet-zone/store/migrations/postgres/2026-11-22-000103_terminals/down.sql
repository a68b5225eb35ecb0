drop index sessions_by_guest;
drop table terminal_drafts;
