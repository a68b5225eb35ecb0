drop table withdrawal_requests;
