alter table notice_templates drop column refusal;
