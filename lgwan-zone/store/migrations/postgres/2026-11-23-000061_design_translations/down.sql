alter table design_steps drop column stale;
