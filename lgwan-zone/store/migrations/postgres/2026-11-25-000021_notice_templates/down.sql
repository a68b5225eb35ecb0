alter table batches drop column notice;
drop table notice_templates;
