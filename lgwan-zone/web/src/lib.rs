//! The pages of the staff zone. One page is one file; a handler reads, parses,
//! makes one store call, answers.
//!
//! | Module | Gives |
//! |---|---|
//! | [`routes`] | every route with the right it needs |
//! | [`site`] | what handlers share |
//! | [`guard`] | who is logged in, and whether the route is theirs |
//! | [`frame`] | the frame around every page |
//! | [`letters`], [`reminder`] | the words of mails to staff |
//! | [`api`] | the interface for business systems |
//! | [`identity`], [`applications`], [`inquiries`], [`entry`], [`internal`], [`batches`], [`procedures`], [`exports`], [`audit`], [`retention`], [`bridge`] | the rooms |

pub mod api;
pub mod applications;
pub mod audit;
pub mod batches;
pub mod bridge;
pub mod entry;
pub mod exports;
mod forms;
pub mod frame;
pub mod guard;
pub mod identity;
pub mod inquiries;
pub mod internal;
pub mod letters;
pub mod networks;
pub mod numbers;
pub mod paper;
pub mod press;
pub mod procedures;
pub mod reminder;
pub mod retention;
pub mod routes;
pub mod signatory;
pub mod site;
mod table;
pub mod words;
pub mod xlsx;

#[cfg(test)]
mod catalogue_tests;

pub use identity::sso::SingleSignOn;
pub use routes::router;
pub use site::{Goals, Settings, SignerSeen, Site, SiteParts, SpoolSeen};
