drop table messages_waiting;
drop table messages;
