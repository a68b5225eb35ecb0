drop table application_invitations;
drop table invitations;
drop table invitation_lots;
