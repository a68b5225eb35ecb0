create table seats (id text primary key, taken integer not null);
create table notes (id integer primary key, words text not null);
