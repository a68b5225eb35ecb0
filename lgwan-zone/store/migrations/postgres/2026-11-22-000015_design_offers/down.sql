alter table designs drop column offered;
