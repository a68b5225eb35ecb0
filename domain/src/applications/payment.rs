//! 納付: where the payment of a fee stands, as staff record it (NF-15). Nothing is paid here.
//!
//! ```text
//! later ── ask ──▶ due ── pay ────▶ paid ───┐ a correction raised the fee
//!   │               └──── waive ──▶ waived ─┴──▶ short ── pay, waive ──▶ paid, waived
//!   └── pay, waive ─────────┴── undo ──▶ where it stood before
//! ```
//!
//! A record covers what it was made of: what was paid, or the fee that was not waited for. Where the fee is more
//! than all that was recorded, the payment is short, and what waits for it waits again.

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
    /// What was recorded is less than it comes to now.
    Short,
}

/// What the entries that were not undone come to, in yen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Covered {
    /// What was paid.
    pub paid: u64,
    /// What nobody waits for: what was paid, and the fee as it was when the decision was to go on without it.
    pub all: u64,
}

/// What each entry that was not undone leads to, the oldest first, and whether the applicant was asked.
fn standing(entries: impl IntoIterator<Item = (Entry, u64)>) -> (bool, Vec<(Entry, Covered)>) {
    let (mut asked, mut records) = (false, Vec::<(Entry, Covered)>::new());
    for (entry, yen) in entries {
        let before = records.last().map_or_else(Covered::default, |(_, covered)| *covered);
        match entry {
            Entry::Asked => asked = true,
            Entry::Paid => {
                let paid = before.paid.saturating_add(yen);
                records.push((entry, Covered { paid, all: before.all.saturating_add(yen) }));
            }
            Entry::Waived => {
                records.push((entry, Covered { all: before.all.max(yen), ..before }));
            }
            Entry::Undone => {
                records.pop();
            }
        }
    }
    (asked, records)
}

impl Covered {
    /// After these entries with their sums in yen, the oldest first.
    #[must_use]
    pub fn of(entries: impl IntoIterator<Item = (Entry, u64)>) -> Self {
        standing(entries).1.last().map_or_else(Self::default, |(_, covered)| *covered)
    }
}

impl Payment {
    /// Where it stands after these entries with their sums in yen, the oldest first, when it comes to `owed` yen.
    #[must_use]
    pub fn of(
        when: Option<PayWhen>,
        owed: u64,
        entries: impl IntoIterator<Item = (Entry, u64)>,
    ) -> Self {
        let (asked, records) = standing(entries);
        match (records.last(), when) {
            (Some((_, covered)), _) if covered.all < owed => Self::Short,
            (Some((Entry::Waived, _)), _) => Self::Waived,
            (Some(_), _) => Self::Paid,
            (None, Some(PayWhen::AfterReview)) if !asked => Self::Later,
            (None, Some(PayWhen::AtApplication | PayWhen::AfterReview) | None) => Self::Due,
        }
    }

    /// Whether this can be recorded now.
    #[must_use]
    pub const fn takes(self, entry: Entry) -> bool {
        match (self, entry) {
            (Self::Later | Self::Short, Entry::Asked)
            | (Self::Later | Self::Due | Self::Short, Entry::Paid | Entry::Waived)
            | (Self::Paid | Self::Waived | Self::Short, Entry::Undone) => true,
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

    /// Whether a decision may be told: all of it was paid, or staff said why not.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Paid | Self::Waived => true,
            Self::Later | Self::Due | Self::Short => false,
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
            Self::Short => "short",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Covered, Entry, Payment, State};
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
            let mut now = Payment::of(when, 300, []);
            for (n, entry) in entries.iter().enumerate() {
                assert!(now.takes(*entry), "{entries:?} {n}");
                now = Payment::of(when, 300, entries[..=n].iter().map(|one| (*one, 300)));
            }
            assert_eq!(now, stands, "{entries:?}");
        }
        for settled in [Payment::Paid, Payment::Waived] {
            assert!(settled.is_settled() && !settled.takes(Paid) && settled.takes(Undone));
        }
        assert!(!Payment::Due.takes(Asked) && !Payment::Later.takes(Undone));
    }

    /// NF-15: a fee that was raised is paid again up to what it comes to now, or not waited for again; what was
    /// undone covers nothing, and a fee that was lowered is paid.
    #[test]
    fn a_raised_fee_is_short_of_what_was_recorded() {
        use Entry::{Asked, Paid, Undone, Waived};
        type Story<'a> = &'a [(Entry, u64)];
        let cases: [(u64, Story<'_>, Payment); 9] = [
            (300, &[(Paid, 300)], Payment::Paid),
            (200, &[(Paid, 300)], Payment::Paid),
            (400, &[(Paid, 300)], Payment::Short),
            (400, &[(Paid, 300), (Asked, 100)], Payment::Short),
            (400, &[(Paid, 300), (Asked, 100), (Paid, 100)], Payment::Paid),
            (400, &[(Paid, 300), (Waived, 400)], Payment::Waived),
            (400, &[(Waived, 300)], Payment::Short),
            (400, &[(Waived, 300), (Paid, 100)], Payment::Paid),
            (400, &[(Paid, 300), (Paid, 100), (Undone, 400)], Payment::Short),
        ];
        for (owed, entries, stands) in cases {
            let when = Some(PayWhen::AtApplication);
            assert_eq!(Payment::of(when, owed, entries.iter().copied()), stands, "{entries:?}");
        }
        let short = Payment::Short;
        assert!(!short.is_settled() && Entry::ALL.into_iter().all(|entry| short.takes(entry)));
        let covered = Covered::of([(Paid, 300), (Waived, 400), (Paid, 50)]);
        assert_eq!(covered, Covered { paid: 350, all: 450 });
        assert_eq!(Covered::of([(Paid, u64::MAX), (Paid, 1)]).all, u64::MAX);
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
