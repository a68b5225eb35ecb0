alter table api_keys drop column shown_at;
alter table api_keys drop column released_by;
alter table api_keys drop column released_at;
