alter table application_answers drop column doubts;
