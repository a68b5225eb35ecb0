-- Who agreed to an application before it was sent (連署), and whether to just what arrived.
create table application_cosigners (
    application_id text not null,
    seq            bigint not null,
    kind           text not null,
    account_id     text not null,
    name           text not null,
    email          text not null,
    named          text not null,
    agreed_at      bigint not null,
    content        text not null,
    fits           boolean not null,
    constraint application_cosigners_pk primary key (application_id, seq),
    constraint application_cosigners_application_fk foreign key (application_id) references applications (id)
);
create index application_cosigners_by_account on application_cosigners (account_id);
