alter table batches drop column label_id;
drop table saved_filters;
drop table application_labels;
drop table labels;
