drop table procedure_proposals;
