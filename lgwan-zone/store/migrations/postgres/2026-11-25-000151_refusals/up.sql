-- Texts of 却下 and 不受理: they name the reasons and where somebody may object (教示).
alter table notice_templates add column refusal boolean not null default false;
