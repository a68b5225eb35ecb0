insert into daily_tasks (task, day) values ('audit_report', '');
