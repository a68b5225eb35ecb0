drop table procedure_imports;
drop table procedure_revisions;
drop table procedures;
