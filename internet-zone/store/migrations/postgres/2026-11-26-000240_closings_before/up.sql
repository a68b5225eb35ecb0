-- What was closed before closings named a revision: a publication of what was shown then stays closed, however late it comes.
insert into procedure_closings (procedure_id, revision, closed_at)
select id, revision, closed_at from procedures
where closed_at is not null and id not in (select procedure_id from procedure_closings);
