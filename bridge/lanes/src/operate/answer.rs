//! What an order answers.

use serde_json::Value;

/// The same twice: for people, and for programs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// Lines.
    pub(super) words: String,
    /// The facts in them.
    pub(super) facts: Value,
}

impl Answer {
    pub(super) fn print(self, json: bool) -> String {
        if json { format!("{:#}\n", self.facts) } else { self.words }
    }
}
