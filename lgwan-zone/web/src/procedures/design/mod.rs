//! The designer (NB-2.5, NF-10): a procedure made in the browser, saved with every press of a button.
//!
//! | Page | File |
//! |---|---|
//! | designs that are open, and a new one | `list.rs` |
//! | pages and questions in order | `outline.rs` |
//! | which kind of question | `add.rs` |
//! | one question, one page | `question.rs`, `topic.rs` |
//! | when something is shown or needed, what is calculated | `condition.rs`, `calculation.rs` |
//! | what stands around the form | `settings.rs` |
//! | forms to download, pictures of the form | `files.rs` |
//! | texts in other languages | `texts.rs` |
//! | as the citizen sees it | `preview.rs` |
//! | tried in the citizens' zone | `trial.rs` |
//! | what changes, and publishing | `release.rs` |

pub mod add;
pub mod calculation;
mod charges;
pub mod condition;
pub mod files;
pub mod list;
mod notes;
pub mod outline;
mod panel;
pub mod preview;
mod properties;
pub mod question;
pub mod release;
pub mod settings;
mod slots;
mod templates;
pub mod texts;
pub mod topic;
pub mod trial;
mod work;

pub(super) use settings::listed;
pub(super) use work::step;
