-- Words for which searches of citizens found nothing, by day; several places missed each.
create table missed_words (
    day   text   not null,
    word  text   not null,
    total bigint not null,
    constraint missed_words_pk primary key (day, word)
);
