//! Acting for somebody else (委任): who may act for whom, in what, until when (NF-16).

use std::collections::BTreeSet;

use crate::ids::{AccountId, ProcedureId};

/// The procedures in which a delegate may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every procedure that takes delegates.
    All,
    /// These, and no other.
    Only(BTreeSet<ProcedureId>),
}

impl Scope {
    /// Whether a procedure is within it.
    #[must_use]
    pub fn covers(&self, procedure: &ProcedureId) -> bool {
        match self {
            Self::All => true,
            Self::Only(chosen) => chosen.contains(procedure),
        }
    }
}

/// The right of one account to act for another, in force now. Whoever makes one has
/// seen that it was accepted and has neither ended nor expired ([`Standing::Live`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// Who is acted for (委任者).
    pub principal: AccountId,
    /// Who acts (代理人).
    pub delegate: AccountId,
    /// In what.
    pub scope: Scope,
    /// Whether documents issued to the principal may be received too.
    pub documents: bool,
}

/// Where a mandate stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The delegate has not answered.
    Offered,
    /// It may be used.
    Live,
    /// Declined, revoked or given back.
    Ended,
    /// Its time is over.
    Expired,
}

impl Standing {
    /// Where it stands at `now`: accepted or not, ended or not, and its first moment after
    /// the end. All in the same unit.
    #[must_use]
    pub const fn of(accepted: Option<i64>, ended: Option<i64>, expires: i64, now: i64) -> Self {
        match (accepted, ended) {
            (_, Some(_)) => Self::Ended,
            _ if now >= expires => Self::Expired,
            (None, None) => Self::Offered,
            (Some(_), None) => Self::Live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-16: a mandate is worth something only between its acceptance and its end.
    #[test]
    fn a_mandate_lives_from_its_acceptance_to_its_end() {
        assert_eq!(Standing::of(None, None, 10, 5), Standing::Offered);
        assert_eq!(Standing::of(Some(1), None, 10, 9), Standing::Live);
        assert_eq!(Standing::of(Some(1), None, 10, 10), Standing::Expired);
        assert_eq!(Standing::of(None, None, 10, 11), Standing::Expired);
        assert_eq!(Standing::of(Some(1), Some(2), 10, 5), Standing::Ended);
        assert_eq!(Standing::of(Some(1), Some(2), 10, 11), Standing::Ended);
    }

    /// NF-16: a scope of chosen procedures covers no other, and an empty one none.
    #[test]
    fn a_scope_covers_what_was_chosen() {
        let (one, other) = (ProcedureId::from_bits(1), ProcedureId::from_bits(2));
        assert!(Scope::All.covers(&one));
        let chosen = Scope::Only(BTreeSet::from([one.clone()]));
        assert!(chosen.covers(&one) && !chosen.covers(&other));
        assert!(!Scope::Only(BTreeSet::new()).covers(&one));
    }
}
