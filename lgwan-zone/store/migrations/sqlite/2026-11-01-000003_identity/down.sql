drop table staff_sessions;
drop table staff_departments;
drop table staff;
drop table departments;
