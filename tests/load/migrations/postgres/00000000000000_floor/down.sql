drop table floor_rows;
