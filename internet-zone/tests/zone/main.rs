//! The citizens' zone as a person with a browser meets it, script switched off.

mod applying;
mod browser;
mod closed;
mod delegates;
mod guide;
mod identity;
mod kinds;
mod line;
mod pieces;
mod procedures;
mod rows;
mod safety;
mod staff;
mod support;
mod sweep;
mod usage;
mod windows;
