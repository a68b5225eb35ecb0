drop table export_held;
drop table export_waiting;
drop table export_sources;
drop table export_ledger;
drop table export_generations;
drop table export_jobs;
