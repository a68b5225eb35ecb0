drop table staff_mails;
