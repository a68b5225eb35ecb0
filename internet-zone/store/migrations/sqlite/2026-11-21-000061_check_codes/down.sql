alter table documents drop column sha256;
