drop table trial_gone;
drop table trial_imports;
drop table trials;
