drop table staff_posts;
