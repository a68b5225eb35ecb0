drop table audit_anchors;
drop table audit_told;
