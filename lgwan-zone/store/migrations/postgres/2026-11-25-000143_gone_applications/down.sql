drop table gone_applications;
