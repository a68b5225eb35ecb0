-- Business systems that are told when an application comes into a state (IK-2.1.2d2). The secret is worked out from the
-- zone's own key and the id; events is a JSON list of states, all when empty. Times in microseconds.
create table webhooks (
    id         text    not null,
    key_id     text    not null,
    url        text    not null,
    events     text    not null,
    state      text    not null,
    failures   integer not null default 0,
    next_at    bigint  not null default 0,
    made_at    bigint  not null,
    made_by    text    not null,
    sent_at    bigint,
    last_error text    not null default '',
    constraint webhooks_pk primary key (id),
    constraint webhooks_key_fk foreign key (key_id) references api_keys (id),
    constraint webhooks_staff_fk foreign key (made_by) references staff (id),
    constraint webhooks_state_known check (state in ('on', 'stopped', 'halted', 'ended'))
);

-- What they are told, from the transaction of the step on until it was taken. Application and version are the event.
create table webhook_deliveries (
    webhook_id     text    not null,
    application_id text    not null,
    version        integer not null,
    at             bigint  not null,
    body           text    not null,
    state          text    not null,
    attempts       integer not null default 0,
    next_at        bigint  not null,
    sent_at        bigint,
    answer         text    not null default '',
    constraint webhook_deliveries_pk primary key (webhook_id, application_id, version),
    constraint webhook_deliveries_webhook_fk foreign key (webhook_id) references webhooks (id),
    constraint webhook_deliveries_state_known check (state in ('waiting', 'sent', 'given_up'))
);
create index webhook_deliveries_waiting on webhook_deliveries (webhook_id, next_at, application_id, version)
    where state = 'waiting';
create index webhook_deliveries_newest on webhook_deliveries (webhook_id, at, application_id);
create index webhook_deliveries_by_application on webhook_deliveries (application_id);
create index webhook_deliveries_sent on webhook_deliveries (sent_at) where state = 'sent';
