-- Hash of the document a design was last looked at with before publishing; empty once it is changed again. The
-- publication of that very document closes the design (NB-2.5).
alter table designs add column offered text not null default '';
