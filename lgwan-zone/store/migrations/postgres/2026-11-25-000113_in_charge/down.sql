drop index applications_by_charge;
alter table applications drop column in_charge;
