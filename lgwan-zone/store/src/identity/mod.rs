//! Departments, personal staff accounts, the lists they come from, and their sessions
//! (NF-21, NF-38, NF-39, NB-7.1).

pub mod departments;
pub mod posts;
pub mod recovery;
pub mod reforms;
pub mod resets;
pub mod rosters;
pub mod sessions;
pub mod sign_in;
pub mod sso;
pub mod staff;
