//! The citizens' zone as a person with a browser meets it, script switched off.

mod applying;
mod bad_input;
mod browser;
mod closed;
mod cosigners;
mod delegates;
mod evidence;
mod guide;
mod identity;
mod kinds;
mod languages;
mod line;
mod mails;
mod messages;
mod pieces;
mod procedures;
mod rows;
mod safety;
mod staff;
mod support;
mod sweep;
mod terminals;
mod together;
mod usage;
mod verify;
mod windows;
