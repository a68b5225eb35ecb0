drop table lane_replays;
drop table lane_backups;
