drop table trial_gone;
