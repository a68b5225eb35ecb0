drop table tries;
drop table consents;
drop table mail_tokens;
drop table session_grants;
drop table sessions;
drop table guests;
drop table accounts;
