drop table invited_drafts;
drop table invited_sessions;
drop table invitations;
