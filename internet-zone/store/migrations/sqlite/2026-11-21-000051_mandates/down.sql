drop table represented_drafts;
drop table mandate_procedures;
drop table mandates;
alter table accounts drop column mandates;
