drop table column_sets;
