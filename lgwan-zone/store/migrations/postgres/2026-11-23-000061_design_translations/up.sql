-- Texts in other languages that were not translated again since the Japanese changed:
-- a list of [name of the text, language], of each step, so that undoing brings it back.
alter table design_steps add column stale text not null default '[]';
