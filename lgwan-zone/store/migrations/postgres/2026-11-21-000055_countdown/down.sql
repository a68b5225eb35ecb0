drop table daily_tasks;
drop table staff_letters;
drop index applications_by_procedure_deadline;
drop index applications_by_state_deadline;
drop index applications_by_deadline;
alter table applications drop column days_left;
alter table applications drop column deadline_at;
