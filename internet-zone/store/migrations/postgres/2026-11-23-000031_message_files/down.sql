alter table documents drop column message_id;
alter table messages drop column files;
drop table message_files;
