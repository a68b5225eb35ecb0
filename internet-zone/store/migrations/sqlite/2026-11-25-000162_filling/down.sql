drop table filling_days;
