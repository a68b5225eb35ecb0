-- The language (a code of the citizens' pages) each session shows and each person read last;
-- null until somebody chose one: mails follow it.
alter table accounts add column lang text;
alter table guests add column lang text;
alter table sessions add column lang text;
