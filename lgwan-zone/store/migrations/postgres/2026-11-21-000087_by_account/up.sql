-- Everything of one citizen, for a disclosure.
create index applications_by_account on applications (applicant_account, arrived_at)
    where applicant_account is not null;
create index application_delegates_by_account on application_delegates (account_id);
