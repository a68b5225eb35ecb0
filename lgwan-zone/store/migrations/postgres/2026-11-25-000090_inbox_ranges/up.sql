-- What the list counts on every page is a range of one department: corrections that are late, and applications about which
-- the applicant wrote last. The moment moves with the application, whichever department has it; messages_waiting is not
-- read any more and goes with the next release.
create index applications_by_department_due on applications (department_id, due, id) where due is not null;
alter table applications add column asked_since bigint;
update applications
    set asked_since = (select since from messages_waiting where application_id = applications.id)
    where id in (select application_id from messages_waiting);
create index applications_by_asked on applications (department_id, asked_since, id) where asked_since is not null;
