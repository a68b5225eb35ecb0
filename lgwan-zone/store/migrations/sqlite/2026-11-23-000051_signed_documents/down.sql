alter table issued_documents drop column signed_by;
