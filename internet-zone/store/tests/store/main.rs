//! The store of the citizens' zone, on SQLite and on PostgreSQL.

mod accept;
mod apart;
mod bulletins;
mod closing;
mod cosigns;
mod fixture;
mod identity;
mod invitations;
mod line;
mod mails;
mod mandates;
mod messages;
mod migrations;
mod parity;
mod storm;
mod told;
mod uploads;
