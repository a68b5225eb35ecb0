drop table lane_holds;
drop table lane_lives;
drop table lane_epochs;
drop table lane_seals;
