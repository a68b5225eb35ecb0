//! PDF files made here, rebuilt by the real programs, looked at by others' tools.

mod active;
mod bombs;
mod doors;
mod kept;
mod looks;
mod mutations;
pub(crate) mod paper;
pub(crate) mod tools;
