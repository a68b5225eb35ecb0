drop table bank_uses;
drop table bank_items;
