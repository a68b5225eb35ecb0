drop table lead_days;
drop table fillings;
