-- The revision an application goes on under once that revision is here (版の移し替え).
alter table applications add column next_revision bigint;
create index applications_next_revision on applications (procedure_id, next_revision)
    where next_revision is not null;
