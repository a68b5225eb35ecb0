drop table numbers;
