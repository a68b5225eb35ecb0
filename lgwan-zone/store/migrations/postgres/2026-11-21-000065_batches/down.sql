drop table batch_rows;
drop table batches;
