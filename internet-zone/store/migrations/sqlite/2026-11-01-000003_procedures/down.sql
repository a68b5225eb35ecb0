drop table departments;
drop table form_downloads;
drop table seats;
drop table procedures;
drop table procedure_files;
drop table procedure_revisions;
