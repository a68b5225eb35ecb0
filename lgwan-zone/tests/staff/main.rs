//! The staff service as staff meet it: pages over HTTP, messages as the bridge
//! brings them, SQLite and PostgreSQL.

mod applications;
mod bridge;
mod browser;
mod city;
mod copies;
mod desk;
mod exports;
mod identity;
mod lists;
mod notices;
mod numbers;
mod rights;
mod rosters;
mod routing;
