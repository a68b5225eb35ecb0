drop table promotions;
drop table waiting_seats;
drop table waiting;
drop table seat_holds;
alter table held_seats drop column units;
alter table seats drop column waiting;
alter table seats drop column waitlist;
