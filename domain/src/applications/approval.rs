//! 決裁: who approves a decision before it is told, stage by stage (NF-34).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// One stage of approval, in the procedure's workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What the stage is called: `係長`.
    pub title: String,
    /// Who approves: log-in ids, and posts of the department that handles the application (`@課長`,
    /// see [`post`]); one of them is enough.
    pub staff: Vec<String>,
    /// Who may approve in their place (代決), named in the same way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<String>,
}

/// Most stages of a procedure.
pub const MOST_APPROVALS: usize = 9;

/// As whom somebody approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// The stage is theirs.
    Own,
    /// 代決: in the place of whose it is.
    Deputy,
}

impl Approval {
    /// As whom a person approves; `None` when it is not theirs. `names` says whether an entry names
    /// the person.
    pub fn seat(&self, names: impl Fn(&str) -> bool) -> Option<Seat> {
        let among = |all: &[String]| all.iter().any(|one| names(one));
        if among(&self.staff) {
            Some(Seat::Own)
        } else {
            among(&self.deputies).then_some(Seat::Deputy)
        }
    }

    /// Every entry that may approve here.
    pub fn everybody(&self) -> impl Iterator<Item = &str> {
        self.staff.iter().chain(&self.deputies).map(String::as_str)
    }
}

/// The post an entry of a stage names: `@課長` is 課長. `None` for a log-in id.
#[must_use]
pub fn post(entry: &str) -> Option<&str> {
    entry.strip_prefix('@').map(str::trim)
}

/// Whether each of these stages, with those who may approve it, can be approved by another person.
#[must_use]
pub fn is_each_another(stages: &[Vec<&str>]) -> bool {
    let mut chosen = BTreeMap::new();
    (0..stages.len()).all(|stage| finds_one(stages, stage, &mut chosen, &mut BTreeSet::new()))
}

/// Finds a person for a stage, who may give way at another one; `asked` are asked no more.
fn finds_one<'a>(
    stages: &[Vec<&'a str>],
    stage: usize,
    chosen: &mut BTreeMap<&'a str, usize>,
    asked: &mut BTreeSet<&'a str>,
) -> bool {
    for person in &stages[stage] {
        if !asked.insert(*person) {
            continue;
        }
        let other = chosen.get(person).copied();
        if other.is_none_or(|other| finds_one(stages, other, chosen, asked)) {
            chosen.insert(*person, stage);
            return true;
        }
    }
    false
}

/// Longest name of a post in characters.
pub const LONGEST_POST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-34: a deputy approves in somebody's place, and whoever is named as both approves as
    /// themselves.
    #[test]
    fn a_stage_belongs_to_those_it_names() {
        let names = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let stage = Approval {
            title: "課長".to_owned(),
            staff: names(&["kacho"]),
            deputies: names(&["kakaricho", "kacho"]),
        };
        let seat = |stage: &Approval, names: &str| stage.seat(|entry| entry == names);
        assert_eq!(seat(&stage, "kacho"), Some(Seat::Own));
        assert_eq!(seat(&stage, "kakaricho"), Some(Seat::Deputy));
        assert_eq!(seat(&stage, "uketsuke"), None);
        assert_eq!(stage.everybody().count(), 3);
        let stage = Approval { staff: names(&["@課長"]), ..stage };
        assert_eq!(stage.everybody().filter_map(post).collect::<Vec<_>>(), ["課長"]);
        assert_eq!(stage.seat(|entry| post(entry) == Some("課長")), Some(Seat::Own));
    }
}
