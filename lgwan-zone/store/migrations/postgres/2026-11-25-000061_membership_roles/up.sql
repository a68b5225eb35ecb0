-- 兼務: the role somebody has in one department, where it is not the one of the account.
alter table staff_departments add column role text
    constraint staff_departments_role check (role in ('procedure_manager', 'clerk'));
