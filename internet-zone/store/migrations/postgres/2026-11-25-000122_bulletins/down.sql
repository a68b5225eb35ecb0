drop table notice_wishes;
drop table bulletin_topics;
drop table bulletins;
