//! Applications after arrival: inbox, detail, transitions, documents.
//!
//! | Module | Does |
//! |---|---|
//! | [`arrive`] | takes in what crossed the bridge, exactly once |
//! | [`inbox`] | the department's list, its search and its counts |
//! | [`mod@file`] | one application with everything that belongs to it |
//! | [`steps`] | moves an application from state to state |
//! | [`notes`] | internal notes |
//! | [`plan`] | works out what a step will do |
//! | [`rows`] | the rows as stored |

pub mod arrive;
mod counts;
pub mod expected;
pub mod file;
pub mod inbox;
pub mod notes;
pub mod plan;
pub mod rows;
pub mod steps;
