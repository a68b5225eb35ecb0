//! Journeys through the whole town, in the language of its counter.
//!
//! | Module | Gives |
//! |---|---|
//! | [`visitor`] | a person whose browser runs no script |
//! | [`browser`] | a real Chromium |
//! | [`counter`] | the town, citizens applying, clerks at their desks |
//! | [`papers`] | files that people attach |
//! | [`axe`] | accessibility rules on the page in front of us |

pub mod axe;
pub mod browser;
pub mod counter;
pub mod papers;
pub mod server_b;
pub mod visitor;
