create table seats (id text primary key, taken integer not null);
create table notes (id integer primary key generated always as identity, words text not null);
