drop table procedure_closings;
