//! The form as questions on a page of staff: what a clerk fills in from paper, and the designer's
//! preview.

pub(crate) mod press;
pub(crate) mod question;
pub(crate) mod words;

pub(crate) use press::Press;
pub(crate) use question::{Asked, Entry, Purpose, Question, Shape};
