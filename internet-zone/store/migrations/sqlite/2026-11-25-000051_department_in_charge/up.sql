-- The department an application was handed over to (所管替え); empty as long as it is where it was sent.
alter table applications add column department_id text not null default '';
