-- News for who asked for them (IK-2.1.1a): what is told, how far the telling came, and who wishes what since when.
create table bulletins (
    id text not null,
    title text not null,
    path text not null,
    made_at bigint not null,
    told_to text not null default '',
    done_at bigint,
    constraint bulletins_pk primary key (id)
);
create index bulletins_not_done on bulletins (made_at) where done_at is null;

create table bulletin_topics (
    bulletin_id text not null,
    topic text not null,
    constraint bulletin_topics_pk primary key (bulletin_id, topic)
);

create table notice_wishes (
    account_id text not null,
    topic text not null,
    since bigint not null,
    constraint notice_wishes_pk primary key (account_id, topic),
    constraint notice_wishes_account foreign key (account_id) references accounts (id) on delete cascade
);
create index notice_wishes_by_topic on notice_wishes (topic, account_id);
