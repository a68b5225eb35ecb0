drop table export_ledger;
drop table export_generations;
drop table export_jobs;
