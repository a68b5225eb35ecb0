//! The staff service as staff meet it: pages over HTTP, messages as the bridge
//! brings them, SQLite and PostgreSQL.

mod alerts;
mod api;
mod api_fuzz;
mod api_plugin;
mod applications;
mod approvals;
mod audit_report;
mod bank;
mod batches;
mod bridge;
mod browser;
mod city;
mod compare;
mod copies;
mod deadlines;
mod designs;
mod desk;
mod entry;
mod evidence;
mod exports;
mod identity;
mod lists;
mod messages;
mod notices;
mod numbers;
mod proposals;
mod reforms;
mod reminders;
mod reports;
mod rights;
mod rosters;
mod routing;
mod signatory;
mod terminals;
mod workbooks;
