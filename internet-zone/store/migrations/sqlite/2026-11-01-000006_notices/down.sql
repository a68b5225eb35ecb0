drop table mail_queue;
