drop table bulk_parts;
drop table waiting_items;
drop table raw_arrivals;
