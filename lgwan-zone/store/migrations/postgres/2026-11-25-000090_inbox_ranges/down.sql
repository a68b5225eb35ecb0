drop index applications_by_asked;
delete from messages_waiting;
insert into messages_waiting (application_id, since)
    select id, asked_since from applications where asked_since is not null;
alter table applications drop column asked_since;
drop index applications_by_department_due;
