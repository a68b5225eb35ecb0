drop table procedure_bundles;
