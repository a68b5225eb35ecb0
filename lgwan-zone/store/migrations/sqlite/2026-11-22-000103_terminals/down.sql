drop table application_terminals;
