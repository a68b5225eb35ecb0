drop index applications_by_revision;
