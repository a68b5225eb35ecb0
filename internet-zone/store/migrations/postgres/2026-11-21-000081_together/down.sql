drop table together_drafts;
