alter table applications drop column department_id;
