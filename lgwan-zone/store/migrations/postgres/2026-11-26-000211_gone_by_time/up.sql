-- Those whose time neither log tells of any more are forgotten by their time.
create index gone_applications_by_time on gone_applications (gone_at);
