drop table staff_answers;
