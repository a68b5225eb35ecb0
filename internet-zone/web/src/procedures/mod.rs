//! Finding a procedure and reading about it.

pub(crate) mod file;
pub(crate) mod guide;
pub(crate) mod invited;
pub(crate) mod list;
pub(crate) mod period;
pub(crate) mod qr;
pub(crate) mod search;
pub(crate) mod show;
pub(crate) mod words;
