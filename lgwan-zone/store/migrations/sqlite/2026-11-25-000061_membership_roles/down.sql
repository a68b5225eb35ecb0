alter table staff_departments drop column role;
