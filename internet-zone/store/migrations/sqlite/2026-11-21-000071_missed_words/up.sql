-- Words for which a search found nothing: keyed hashes until several places missed one.
create table missed_seekers (
    word_hash blob not null,
    seeker_hash blob not null,
    day text not null,
    constraint missed_seekers_pk primary key (word_hash, seeker_hash)
);
create index missed_seekers_by_day on missed_seekers (day);

create table missed_words (
    day text not null,
    word text not null,
    counted bigint not null,
    told bigint not null,
    constraint missed_words_pk primary key (day, word)
);
