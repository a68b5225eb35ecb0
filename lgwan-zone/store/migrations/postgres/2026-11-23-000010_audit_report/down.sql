delete from daily_tasks where task = 'audit_report';
