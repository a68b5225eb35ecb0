-- まとめて差し戻す: until when and which questions a batch asks applicants to correct, as JSON.
alter table batches add column asked text;
