//! Journeys through the whole town, in the language of its counter.
//!
//! | Module | Gives |
//! |---|---|
//! | [`visitor`] | a person whose browser runs no script |
//! | [`browser`] | a real Chromium |
//! | [`counter`] | the town, citizens applying, clerks at their desks |
//! | [`cuts`] | a line that breaks while something is sent |
//! | [`papers`] | files that people attach |
//! | [`axe`] | accessibility rules on the page in front of us |
//! | [`checks`] | what we look for beyond them |
//! | [`walk`] | all pages of a zone, in two windows and six languages |
//! | [`sheet`] | what a walk found, for `docs/accessibility.md` |
//! | [`gallery`] | pictures of every page |

pub mod axe;
pub mod browser;
pub mod checks;
pub mod counter;
pub mod cuts;
pub mod gallery;
pub mod papers;
pub mod server_b;
pub mod sheet;
pub mod visitor;
pub mod walk;
