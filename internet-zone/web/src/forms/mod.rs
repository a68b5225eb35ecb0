//! The published form as questions on a page.

pub(crate) mod question;
pub(crate) mod rows;
pub(crate) mod sniff;
pub(crate) mod words;

pub(crate) use question::{Asked, Attached, Question, Shape};
