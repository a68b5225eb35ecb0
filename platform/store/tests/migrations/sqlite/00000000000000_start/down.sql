drop table notes;
drop table seats;
