//! How a fee is paid.

use serde::{Deserialize, Serialize};

use super::Words;

/// How a fee is paid. Said wherever the amount is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pay {
    /// Ways to pay it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<PayWay>,
    /// More about it: until when, what to bring.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub note: Words,
}

/// A way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayWay {
    /// At the counter.
    Counter,
    /// By a slip (納付書) that is sent.
    Slip,
}

impl PayWay {
    /// Every way, in the order they are told.
    pub const ALL: [Self; 2] = [Self::Counter, Self::Slip];

    /// As the document writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Slip => "slip",
        }
    }
}

impl Pay {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ways.is_empty() && self.note.is_empty()
    }
}
