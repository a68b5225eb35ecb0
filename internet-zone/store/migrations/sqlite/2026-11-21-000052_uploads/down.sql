drop table upload_room;
drop table upload_pieces;
drop table uploads;
