-- The version an application has with each line of its history, so that who comes second reads what was done since.
alter table application_events add column version integer not null default 0;
