//! 決裁: who approves a decision before it is told, stage by stage (NF-34).

use serde::{Deserialize, Serialize};

/// One stage of approval, in the procedure's workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What the stage is called: `係長`.
    pub title: String,
    /// Log-in ids of those who approve; one of them is enough.
    pub staff: Vec<String>,
    /// Log-in ids of those who may approve in their place (代決).
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
    /// As whom this person approves; `None` when it is not theirs.
    #[must_use]
    pub fn seat(&self, login_id: &str) -> Option<Seat> {
        let among = |all: &[String]| all.iter().any(|one| one == login_id);
        if among(&self.staff) {
            Some(Seat::Own)
        } else {
            among(&self.deputies).then_some(Seat::Deputy)
        }
    }

    /// Everybody who may approve here.
    pub fn everybody(&self) -> impl Iterator<Item = &str> {
        self.staff.iter().chain(&self.deputies).map(String::as_str)
    }
}

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
        assert_eq!(stage.seat("kacho"), Some(Seat::Own));
        assert_eq!(stage.seat("kakaricho"), Some(Seat::Deputy));
        assert_eq!(stage.seat("uketsuke"), None);
        assert_eq!(stage.everybody().count(), 3);
    }
}
