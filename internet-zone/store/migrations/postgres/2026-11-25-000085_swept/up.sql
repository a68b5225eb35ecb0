-- What a sweep looks for is found by an index, however many rows there are.
create index applications_by_secret on applications (arrived_at) where secret_sealed is not null;
create index sessions_by_idle on sessions (seen_at);
create index tries_by_last on tries (last_at);
