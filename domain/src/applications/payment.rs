//! 納付: where the payment of a fee stands, as staff record it (NF-15). Nothing is paid here.
//!
//! ```text
//! later ── ask ──▶ due ── pay ────▶ paid
//!   │               └──── waive ──▶ waived
//!   └── pay, waive ─────────┴── undo ──▶ where it stood before
//! ```

use super::State;
use crate::forms::definition::PayWhen;

/// What staff record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// The applicant is asked to pay.
    Asked,
    /// 納付確認: it was paid.
    Paid,
    /// The decision goes on without it.
    Waived,
    /// What was recorded last was wrong.
    Undone,
}

impl Entry {
    /// Every entry.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Paid, Self::Waived, Self::Undone];

    /// How it is stored, and the last part of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Paid => "paid",
            Self::Waived => "waived",
            Self::Undone => "undone",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// Where the payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payment {
    /// Nothing is to be paid before staff say so.
    Later,
    /// It is to be paid.
    Due,
    /// It was paid.
    Paid,
    /// The decision goes on without it.
    Waived,
}

impl Payment {
    /// Where it stands after these entries, the oldest first.
    #[must_use]
    pub fn of(when: Option<PayWhen>, entries: impl IntoIterator<Item = Entry>) -> Self {
        let first = match when {
            Some(PayWhen::AfterReview) => Self::Later,
            Some(PayWhen::AtApplication) | None => Self::Due,
        };
        let stands = |(open, _): (Self, Self), entry| match entry {
            Entry::Asked => (Self::Due, Self::Due),
            Entry::Paid => (open, Self::Paid),
            Entry::Waived => (open, Self::Waived),
            Entry::Undone => (open, open),
        };
        entries.into_iter().fold((first, first), stands).1
    }

    /// Whether this can be recorded now.
    #[must_use]
    pub const fn takes(self, entry: Entry) -> bool {
        match (self, entry) {
            (Self::Later, Entry::Asked)
            | (Self::Later | Self::Due, Entry::Paid | Entry::Waived)
            | (Self::Paid | Self::Waived, Entry::Undone) => true,
            (Self::Later | Self::Due, Entry::Undone)
            | (Self::Due, Entry::Asked)
            | (Self::Paid | Self::Waived, Entry::Asked | Entry::Paid | Entry::Waived) => false,
        }
    }

    /// Whether an applicant can be asked to pay an application in this state: what was refused, taken back or
    /// ended without a decision is not asked for any more.
    #[must_use]
    pub const fn may_be_asked(state: State) -> bool {
        match state {
            State::Arrived
            | State::Accepted
            | State::Reviewing
            | State::Notified
            | State::Done
            | State::Correction(_) => true,
            State::Rejected
            | State::RefusedEntry
            | State::Withdrawn
            | State::Expired(_)
            | State::Closed => false,
        }
    }

    /// Whether a decision may be told: it was paid, or staff said why not.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Paid | Self::Waived => true,
            Self::Later | Self::Due => false,
        }
    }

    /// The last part of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Later => "later",
            Self::Due => "due",
            Self::Paid => "paid",
            Self::Waived => "waived",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Payment, State};
    use crate::forms::definition::PayWhen;

    /// NF-15: after the review nothing is due before staff say so; what was wrong is undone to where it
    /// stood before.
    #[test]
    fn a_payment_stands_where_its_entries_lead() {
        use Entry::{Asked, Paid, Undone, Waived};
        let (first, later) = (Some(PayWhen::AtApplication), Some(PayWhen::AfterReview));
        let cases: [(Option<PayWhen>, &[Entry], Payment); 8] = [
            (None, &[], Payment::Due),
            (first, &[], Payment::Due),
            (later, &[], Payment::Later),
            (later, &[Asked], Payment::Due),
            (later, &[Asked, Paid], Payment::Paid),
            (later, &[Asked, Paid, Undone], Payment::Due),
            (later, &[Paid, Undone], Payment::Later),
            (first, &[Waived, Undone, Paid], Payment::Paid),
        ];
        for (when, entries, stands) in cases {
            let mut now = Payment::of(when, []);
            for (n, entry) in entries.iter().enumerate() {
                assert!(now.takes(*entry), "{entries:?} {n}");
                now = Payment::of(when, entries[..=n].iter().copied());
            }
            assert_eq!(now, stands, "{entries:?}");
        }
        for settled in [Payment::Paid, Payment::Waived] {
            assert!(settled.is_settled() && !settled.takes(Paid) && settled.takes(Undone));
        }
        assert!(!Payment::Due.takes(Asked) && !Payment::Later.takes(Undone));
    }

    /// NF-15: nobody is asked to pay for what was refused, taken back or ended without a decision.
    #[test]
    fn what_ended_is_not_asked_for() {
        let asked = State::ALL.into_iter().filter(|state| Payment::may_be_asked(*state));
        let asked: Vec<State> = asked.filter(|state| state.is_end()).collect();
        assert_eq!(asked, [State::Done]);
        assert!(Payment::may_be_asked(State::Reviewing) && Payment::may_be_asked(State::Notified));
    }

    /// What is stored is read.
    #[test]
    fn entries_are_read_as_they_are_stored() {
        for entry in Entry::ALL {
            assert_eq!(Entry::parse(entry.key()), Some(entry));
        }
        assert_eq!(Entry::parse("refunded"), None);
    }
}
