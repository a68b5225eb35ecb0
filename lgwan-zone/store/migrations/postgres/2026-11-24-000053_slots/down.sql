drop table application_slots;
