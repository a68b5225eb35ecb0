drop table api_former_secrets;
