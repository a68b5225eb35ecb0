-- Applications that went with their trial (試験公開): what is still on its way about them finds nothing here.
create table trial_gone (
    id      text   not null,
    gone_at bigint not null,
    constraint trial_gone_pk primary key (id)
);
create index trial_gone_by_time on trial_gone (gone_at);
