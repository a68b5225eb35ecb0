drop table quarantine;
drop table inbox_items;
drop table inbox_bundles;
drop table lane_gaps;
drop table lane_watermarks;
drop table lane_receipts;
drop table outbox_bundles;
drop table outbox_items;
