alter table applications drop column applied_by;
