-- Whose application it was that went when its time was over: a keyed hash of the account. Both logs still tell of it, and a
-- disclosure for that account finds it; nobody without the key finds a person.
create table gone_applications (
    id      text   not null,
    account text   not null,
    gone_at bigint not null,
    constraint gone_applications_pk primary key (id)
);
create index gone_applications_by_account on gone_applications (account);
