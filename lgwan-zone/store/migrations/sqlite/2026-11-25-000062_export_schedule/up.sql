-- The newest moment of its schedule at which a job had its turn: day and time in Japan, 2026-11-20T08:30.
alter table export_jobs add column turn text;
