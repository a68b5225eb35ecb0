drop table uptime;
