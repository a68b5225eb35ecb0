drop table list_export_applications;
drop table list_exports;
