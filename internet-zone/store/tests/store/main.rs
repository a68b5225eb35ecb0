//! The store of the citizens' zone, on SQLite and on PostgreSQL.

mod accept;
mod fixture;
mod identity;
mod migrations;
mod parity;
mod told;
