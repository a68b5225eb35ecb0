alter table application_steps drop column turn;
drop table given_up_keys;
drop table given_up_seats;
