//! 審査の確認項目: what staff look at before a decision, point by point.

use serde::{Deserialize, Serialize};

/// One point of a procedure's review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Key in the procedure: `a-z 0-9 _`, never reused.
    pub id: String,
    /// What is looked at: `住所が住民票と同じか`.
    pub title: String,
    /// How, and where to look; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Whether a decision may be told without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Most points of a procedure.
pub const MOST_POINTS: usize = 60;

/// What happens when a decision is told and a point that is not optional is not marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmarked {
    /// Staff are warned.
    #[default]
    Warn,
    /// It is refused.
    Refuse,
}

impl Unmarked {
    /// The usual: it does not stand in the document.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What staff found at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// OK.
    Fine,
    /// 不備.
    Flaw,
    /// 対象外.
    Exempt,
}

impl Mark {
    /// Every mark, in the order pages offer them.
    pub const ALL: [Self; 3] = [Self::Fine, Self::Flaw, Self::Exempt];

    /// How it is stored, and the last part of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Flaw => "flaw",
            Self::Exempt => "exempt",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.key() == key)
    }
}

/// Points that must be marked and are not, in the order of the procedure.
#[must_use]
pub fn unmarked<'p>(points: &'p [Point], marked: &[String]) -> Vec<&'p Point> {
    let open = |point: &&Point| !point.optional && !marked.contains(&point.id);
    points.iter().filter(open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-33: what is optional may stay open, everything else not.
    #[test]
    fn what_is_not_optional_must_be_marked() {
        let point = |id: &str, optional| Point {
            id: id.to_owned(),
            title: id.to_owned(),
            help: String::new(),
            optional,
        };
        let points = [point("address", false), point("seal", true), point("age", false)];
        let open = |marked: &[&str]| -> Vec<&str> {
            let marked: Vec<String> = marked.iter().map(|one| (*one).to_owned()).collect();
            unmarked(&points, &marked).into_iter().map(|one| one.id.as_str()).collect()
        };
        assert_eq!(open(&[]), ["address", "age"]);
        assert_eq!(open(&["age", "of an older revision"]), ["address"]);
        assert!(open(&["age", "address"]).is_empty());
        for mark in Mark::ALL {
            assert_eq!(Mark::parse(mark.key()), Some(mark));
        }
        assert_eq!(Mark::parse("ok"), None);
    }
}
