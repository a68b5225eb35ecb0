//! The published form as questions on a page of staff: what a clerk fills in from paper.

pub(crate) mod question;
pub(crate) mod words;

pub(crate) use question::{Asked, Question, Shape};
