//! Where a guide leads to (NF-55).

use serde::{Deserialize, Serialize};

use super::Words;

/// A procedure that is needed with some answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Needed only when this expression is true; always without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Slug of the procedure; empty for something that is not in the system.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub procedure: String,
    /// What is said about it: until when, where, or what to do that is not in the system.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub note: Words,
}
