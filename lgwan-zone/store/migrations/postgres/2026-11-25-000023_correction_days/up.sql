-- Corrections that nobody answered until their day (補正の期限切れ) are few and asked for often.
create index applications_by_due on applications (due) where due is not null;
