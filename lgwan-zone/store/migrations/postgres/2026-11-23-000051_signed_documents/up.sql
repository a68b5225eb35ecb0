-- The post whose certificate signed an issued document (NF-34); none when it is not signed by us.
alter table issued_documents add column signed_by text;
