drop table design_changes;
drop table design_steps;
drop table designs;
