//! What is tried on the whole town once, beside the faults of chance.

mod alarms;
mod clocks;
mod desk;
mod runbooks;
mod secrets;
mod walls;
