//! Journeys through the whole town, in the language of its counter.
//!
//! | Module | Gives |
//! |---|---|
//! | [`visitor`] | a person whose browser runs no script |
//! | [`browser`] | a real Chromium |
//! | [`axe`] | accessibility rules on the page in front of us |

pub mod axe;
pub mod browser;
pub mod visitor;
