//! The pages citizens use. Every page works without script.
//!
//! ```text
//!  request ─► Shell (platform/web) ─► routes ─► room/page.rs ─► store, one call
//!                                                  │
//!                                     Shelf: published procedures, compiled, in memory
//! ```
//!
//! | Module | Pages |
//! |---|---|
//! | [`routes`] | the one list of routes |
//! | `home` | start page, how it works, notices |
//! | `procedures` | search, a procedure's page, its files |
//! | `identity` | registration, signing in, password, account, terms of use |
//! | `applications` | starting, filling in, checking, sending, and everything after |
//! | `terminals` | what is different at a counter terminal in the town hall |
//! | `reader` | the language, text size and furigana of whoever reads |
//! | [`site`] | what every page may use: store, texts, keys, limits |
//! | [`shelf`] | the published procedures in memory |

pub mod applications;
mod assets;
mod caller;
mod device;
pub mod filling;
mod forms;
mod frame;
mod home;
mod identity;
pub mod letters;
pub mod look;
mod markdown;
pub mod missed;
pub mod news;
pub mod places;
mod procedures;
mod reader;
pub mod routes;
pub mod shelf;
pub mod site;
mod speed;
mod terminals;
mod texts;
pub mod trials;
mod urls;
pub mod usage;

pub use identity::delegates::ended as mandate_ended;
pub use procedures::period::last_moment;
pub use texts::{TEXTS, gaps, record};
