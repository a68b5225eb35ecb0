drop table missed_words;
