-- Which reminder of a correction went out last: none, some days before its day ('soon'), on its day ('day').
alter table corrections add column reminded text not null default '';
create index corrections_by_due on corrections (due) where answered_at is null;
