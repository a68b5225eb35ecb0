-- 担当者: the member of the department who is in charge of an application; null while nobody is. What one person has open
-- is a range of the index.
alter table applications add column in_charge text;
create index applications_by_charge on applications (in_charge, state, id) where in_charge is not null;
