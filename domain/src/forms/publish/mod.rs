//! Checks before publishing.

use crate::forms::definition::Procedure;

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Place in the document: `pages[0].fields[2].when`.
    pub at: String,
    /// Catalogue key below `procedures.problem`.
    pub code: &'static str,
    /// More for the words: the unknown name, the parse error.
    pub detail: String,
    /// Whether it may be published all the same.
    pub severity: Severity,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// To be looked at.
    Warning,
    /// Stops publishing.
    Error,
}

/// Everything wrong with a document, errors first (NF-22). Runs the stored test cases.
#[must_use]
pub fn problems(procedure: &Procedure) -> Vec<Problem> {
    crate::forms::Compiled::new(procedure.clone()).err().unwrap_or_default()
}
