-- A closing that is known does no harm to an earlier version.
select 1;
