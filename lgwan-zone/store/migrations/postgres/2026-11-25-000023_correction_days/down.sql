drop index applications_by_due;
