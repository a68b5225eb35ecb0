drop table missed_words;
drop table missed_seekers;
