drop index applications_by_withdrawal;
alter table applications drop column withdrawal_since;
drop table withdrawal_requests;
