//! The whole stack on a real socket: what a browser, an attacker and a monitor see.

mod desk;
mod forged;
mod limits;
mod macros;
mod old_browsers;
mod pages;
mod script;
mod tls;
mod uploads;
