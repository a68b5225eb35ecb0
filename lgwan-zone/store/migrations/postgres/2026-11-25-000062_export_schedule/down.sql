alter table export_jobs drop column turn;
