drop table inquiry_lines;
drop table inquiries;
