drop index gone_applications_by_time;
