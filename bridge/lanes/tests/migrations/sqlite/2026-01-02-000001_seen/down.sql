drop table seen;
