//! Pages, the fields on them, and the test cases stored with the form.

use serde::{Deserialize, Serialize};

use super::{Audience, FieldKind, Repeat, Words};
use crate::forms::Answers;
use crate::ids::DepartmentId;

pub(super) fn citizens() -> Vec<Audience> {
    vec![Audience::Citizen]
}

/// One page of the form: one topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Stable key, part of the page's address: `a-z 0-9 _`.
    pub id: String,
    /// Heading.
    pub title: Words,
    /// Text under the heading, in the small markdown of [`super::Content`].
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub intro: Words,
    /// Shown only when this expression is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Questions, top to bottom.
    pub fields: Vec<Field>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Stable key, unique in the procedure, never used again for another question: `a-z 0-9 _`,
    /// first a letter. Input names begin with it.
    pub id: String,
    /// The question.
    pub label: Words,
    /// Support text under the label.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub hint: Words,
    /// Whether an answer is needed.
    #[serde(default, skip_serializing_if = "Required::is_never")]
    pub required: Required,
    /// Shown only when this expression is true (NF-63).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Rules over several answers, checked after the answer itself is good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Rule>,
    /// What stands there before anybody answered; it counts only once it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Meaning shared between procedures (`person.name`, `person.phone`), for reuse (NF-57, NF-58).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse: Option<String>,
    /// What is asked, and its limits.
    pub kind: FieldKind,
}

impl Field {
    /// The repeating group this field is, if it is one.
    #[must_use]
    pub const fn repeat(&self) -> Option<&Repeat> {
        if let FieldKind::Repeat(repeat) = &self.kind { Some(repeat) } else { None }
    }

    /// Whether it asks for a date of which the day, or the month and the day, may be left open.
    #[must_use]
    pub const fn is_partial_date(&self) -> bool {
        matches!(&self.kind, FieldKind::Date(date) if date.partial)
    }
}

/// Whether an answer is needed: `true`, `false`, or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Required {
    /// Always or never.
    Fixed(bool),
    /// When this expression is true.
    When(String),
}

impl Default for Required {
    fn default() -> Self {
        Self::Fixed(false)
    }
}

impl Required {
    fn is_never(&self) -> bool {
        *self == Self::Fixed(false)
    }
}

/// A rule that must hold, and what to say when it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Expression that must be true.
    pub rule: String,
    /// What went wrong and what to do.
    pub message: Words,
}

/// A filled-in form and what the checks must say about it (NF-22).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCase {
    /// What the case shows.
    pub name: String,
    /// The day on which it is filled in.
    pub today: jiff::civil::Date,
    /// Typed answers by input name. A file field takes any made-up attachment ids.
    pub answers: Answers,
    /// Expected faults as `input: code` (`birth: forms.too_late`); empty when all is well.
    #[serde(default)]
    pub faults: Vec<String>,
    /// The department it must go to (NF-48).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// Slugs a guide must lead to, in their order (NF-55).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Vec<String>>,
    /// Fields that must not be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}
