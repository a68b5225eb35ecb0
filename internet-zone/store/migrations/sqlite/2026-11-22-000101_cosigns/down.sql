drop table cosigns;
