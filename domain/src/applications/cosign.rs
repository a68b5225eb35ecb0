//! Where a request to co-sign an application stands (連署).
//!
//! ```text
//!  asked ─► agreed ─► void      the answers changed
//!    │  ╲     │ ▲
//!    │   ╲    ▼ │
//!    │    declined
//!    └─► expired
//!  declined, void, expired ─► asked   the applicant asks again
//! ```

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cosign {
    /// Asked, and not answered.
    Asked,
    /// Agreed to the application as it was then.
    Agreed,
    /// Did not agree.
    Declined,
    /// Agreed to something else: the answers or files changed afterwards.
    Void,
    /// Not answered in time.
    Expired,
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The co-signer agrees.
    Agree,
    /// The co-signer does not agree, or not any more.
    Decline,
    /// The applicant asks, or asks again.
    Ask,
    /// The answers or files changed.
    Change,
    /// The time is over.
    Expire,
}

impl Cosign {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Asked, Self::Agreed, Self::Declined, Self::Void, Self::Expired];

    /// The state afterwards; `None` when that cannot happen now.
    #[must_use]
    pub const fn after(self, sign: Sign) -> Option<Self> {
        match (self, sign) {
            (Self::Asked | Self::Agreed | Self::Declined, Sign::Agree) => Some(Self::Agreed),
            (Self::Asked | Self::Agreed | Self::Declined, Sign::Decline) => Some(Self::Declined),
            (Self::Asked | Self::Declined | Self::Void | Self::Expired, Sign::Ask) => {
                Some(Self::Asked)
            }
            (Self::Agreed, Sign::Change) => Some(Self::Void),
            (Self::Asked, Sign::Expire) => Some(Self::Expired),
            (Self::Void | Self::Expired, Sign::Agree | Sign::Decline)
            | (Self::Agreed, Sign::Ask)
            | (Self::Asked | Self::Declined | Self::Void | Self::Expired, Sign::Change)
            | (Self::Agreed | Self::Declined | Self::Void | Self::Expired, Sign::Expire) => None,
        }
    }

    /// The states in which that can happen, as they are stored.
    #[must_use]
    pub fn before(sign: Sign) -> Vec<&'static str> {
        let can = Self::ALL.into_iter().filter(|state| state.after(sign).is_some());
        can.map(Self::key).collect()
    }

    /// How it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Agreed => "agreed",
            Self::Declined => "declined",
            Self::Void => "void",
            Self::Expired => "expired",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_can_be_changed_until_it_is_void_and_nothing_else_revives_it() {
        for state in Cosign::ALL {
            assert_eq!(Cosign::parse(state.key()), Some(state));
        }
        assert_eq!(Cosign::before(Sign::Agree), ["asked", "agreed", "declined"]);
        assert_eq!(Cosign::before(Sign::Ask), ["asked", "declined", "void", "expired"]);
        assert_eq!(Cosign::before(Sign::Change), ["agreed"]);
        assert_eq!(Cosign::before(Sign::Expire), ["asked"]);
        assert_eq!(Cosign::Void.after(Sign::Ask), Some(Cosign::Asked));
    }
}
