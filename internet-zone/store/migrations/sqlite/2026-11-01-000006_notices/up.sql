-- Mails to send: recipient and words sealed, deleted when the mail server took them.
create table mail_queue (
    id text not null,
    letter_sealed blob not null,
    attempts integer not null default 0,
    next_at bigint not null,
    created_at bigint not null,
    last_error text,
    constraint mail_queue_pk primary key (id)
);
create index mail_queue_by_next on mail_queue (next_at);
