drop table review_marks;
