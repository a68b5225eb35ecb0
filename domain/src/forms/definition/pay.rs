//! How a fee is paid.

use serde::{Deserialize, Serialize};

use super::Words;

/// How a fee is paid. Said wherever the amount is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pay {
    /// When it is paid (NF-15); `None` says nothing about it, and no decision waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<PayWhen>,
    /// Ways to pay it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<PayWay>,
    /// More about it: until when, what to bring.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub note: Words,
}

/// When a fee is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayWhen {
    /// With the application: nothing is issued before it is paid.
    AtApplication,
    /// After the review: once staff say how much and how.
    AfterReview,
}

impl PayWhen {
    /// Every time, in the order pages offer them.
    pub const ALL: [Self; 2] = [Self::AtApplication, Self::AfterReview];

    /// As the document writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AtApplication => "at_application",
            Self::AfterReview => "after_review",
        }
    }
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
        self.when.is_none() && !self.says_how()
    }

    /// Whether something says how it is paid.
    #[must_use]
    pub fn says_how(&self) -> bool {
        !self.ways.is_empty() || !self.note.is_empty()
    }
}
