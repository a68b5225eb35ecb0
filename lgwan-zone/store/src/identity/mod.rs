//! Departments, personal staff accounts and their sessions (NF-21, NF-38, NF-39).

pub mod departments;
pub mod sessions;
pub mod sign_in;
pub mod staff;
