drop table application_delegates;
