drop index tries_by_last;
drop index sessions_by_idle;
drop index applications_by_secret;
