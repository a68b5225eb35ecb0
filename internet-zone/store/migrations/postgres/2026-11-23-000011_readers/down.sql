alter table sessions drop column lang;
alter table guests drop column lang;
alter table accounts drop column lang;
