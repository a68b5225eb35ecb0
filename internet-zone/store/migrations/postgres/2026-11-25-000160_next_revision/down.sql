drop index applications_next_revision;
alter table applications drop column next_revision;
