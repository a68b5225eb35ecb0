alter table application_events drop column version;
