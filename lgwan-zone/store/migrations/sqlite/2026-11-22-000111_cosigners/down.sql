drop table application_cosigners;
