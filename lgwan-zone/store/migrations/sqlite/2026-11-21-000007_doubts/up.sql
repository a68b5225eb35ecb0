alter table application_answers add column doubts text not null default '[]';
