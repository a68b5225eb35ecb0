//! Checks before publishing (NF-22): what cannot work, what nobody can reach, what must not be asked.

mod problem;

pub use problem::{Problem, ProblemCode, Severity};

use crate::forms::definition::Procedure;

/// Everything wrong with a document, errors first (NF-22). Runs the stored test cases.
#[must_use]
pub fn problems(procedure: &Procedure) -> Vec<Problem> {
    crate::forms::Compiled::new(procedure.clone()).err().unwrap_or_default()
}
