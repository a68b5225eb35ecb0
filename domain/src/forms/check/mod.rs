//! Checks of what is filled in: normalise first, then say what is wrong and where (NF-7, NF-8).
//!
//! Two passes over a page. The first reads each visible field into its stored form and finds what
//! cannot be read. The second looks at what is missing, at limits and at rules, which may use
//! answers further down the page.

mod address;
mod bank;
mod choice;
mod contact;
mod corporate;
mod date;
mod fault;
mod file;
pub(in crate::forms) mod lookup;
mod matrix;
mod name;
mod number;
mod page;
pub mod pattern;
mod reader;
mod rows;
mod slot;
mod text;
mod time;

pub use fault::{Code, Fault};
pub use pattern::{BadPattern, Pattern};

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time};

use crate::forms::compiled::CompiledField;
use crate::forms::definition::{Capacity, Field, FieldKind, FileType};
use crate::forms::expr::Scope;
use crate::forms::{Answers, Compiled, Opening, Seen, inputs};

/// What a field reads; `None` when there is a fault.
pub(in crate::forms) fn read(
    (field, compiled): (&Field, &CompiledField),
    raw: &Answers,
    context: &Context<'_>,
    scope: &Scope<'_>,
) -> Option<Answers> {
    let mut found = page::Found::default();
    let answers = page::read_one((0, field, compiled), raw, context, scope, &mut found);
    found.faults.is_empty().then_some(answers)
}

/// Input name under which a page lists the ids of the fields it rendered. A field that becomes
/// visible only through the answers just sent is *revealed*, not faulty. Without this input every
/// visible field counts as rendered.
pub const SHOWN: &str = "_shown";

/// What the checks must know besides the answers.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Today in Japan; for a correction the day the application was sent on.
    pub today: Date,
    /// Capacity pools that are full, see [`Compiled::claims`]. Leave out pools in which this
    /// application already holds a seat.
    pub full: &'a BTreeSet<String>,
    /// Files uploaded to this draft.
    pub files: &'a [AttachedFile],
    /// The moment, in Japan: until when a day and time may be chosen, and what is still to come.
    pub now: DateTime,
    /// Pools in which the application holds a seat: it keeps what it has, whatever the hour.
    pub own: &'a BTreeSet<String>,
}

impl Context<'_> {
    /// A context without full pools and files.
    #[must_use]
    pub fn on(today: Date) -> Self {
        static NONE: BTreeSet<String> = BTreeSet::new();
        let now = today.to_datetime(Time::midnight());
        Self { today, full: &NONE, files: &[], now, own: &NONE }
    }
}

/// A file as the upload step knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedFile {
    /// Attachment id, the value in the answers.
    pub id: String,
    /// Name given by the citizen.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Kind by content; `None` when it is none that can be rebuilt.
    pub kind: Option<FileType>,
    /// Whether its password is still to be given.
    pub locked: bool,
}

/// The result of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Normalised answers of what is visible. A faulty answer stays as typed, so nothing is lost.
    pub answers: Answers,
    /// What is wrong, in the order of the page.
    pub faults: Vec<Fault>,
    /// Ids of fields that became visible and were not on the page yet: show the page again.
    pub revealed: Vec<String>,
}

impl Checked {
    /// Whether the applicant may go on.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.revealed.is_empty()
    }
}

/// Seats to be taken in the arrival transaction (NF-49).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// `procedure`, or `FIELD.CODE` for an option.
    pub pool: String,
    /// Seats of the pool.
    pub max: u32,
    /// How many of them, at least 1.
    pub units: u32,
    /// Minutes for which they are kept before sending; 0: not at all.
    pub hold_minutes: u32,
}

/// Pool of the seats of a whole procedure.
pub const WHOLE: &str = "procedure";

/// Pool of an option's seats.
#[must_use]
pub fn pool(field: &str, code: &str) -> String {
    format!("{field}.{code}")
}

impl Compiled {
    /// Checks one page. `saved` holds the answers of the whole draft so far, `raw` what the page
    /// sent. The answers returned are the page's own; overlay them with [`Self::store_page`].
    /// A page that does not exist or apply gives an empty result.
    #[must_use]
    pub fn check_page(
        &self,
        page: usize,
        saved: &Answers,
        raw: &Answers,
        context: &Context<'_>,
    ) -> Checked {
        let mut all = self.without_page(page, saved);
        let mut seen = self.seen_before(page.min(self.pages.len()), saved, context.today);
        self.check_onto(page, &mut all, &mut seen, raw, context, None)
    }

    /// The draft's answers after a page was checked: the page's entries replaced. What is now
    /// hidden on later pages stays for the case that it comes back; [`Self::check_all`] drops it.
    #[must_use]
    pub fn store_page(&self, page: usize, saved: &Answers, checked: &Answers) -> Answers {
        let mut all = self.without_page(page, saved);
        all.overlay(checked);
        all
    }

    /// Checks everything before submission. The answers returned hold exactly what is visible.
    #[must_use]
    pub fn check_all(&self, answers: &Answers, context: &Context<'_>) -> Checked {
        let mut all = Answers::new();
        let mut seen = Seen::default();
        let mut faults = Vec::new();
        for page in 0..self.pages.len() {
            let checked = self.check_onto(page, &mut all, &mut seen, answers, context, None);
            faults.extend(checked.faults);
        }
        Checked { answers: all, faults, revealed: Vec::new() }
    }

    fn without_page(&self, page: usize, saved: &Answers) -> Answers {
        let mut all = saved.clone();
        all.retain(|input| input != SHOWN && self.page_of(input) != Some(page));
        all
    }

    /// Seats these answers take, sorted by pool so that transactions cannot lock each other out.
    /// Give it the answers of [`Self::check_all`].
    #[must_use]
    pub fn claims(&self, answers: &Answers, today: Date) -> Vec<Claim> {
        let claim = |pool: String, capacity: &Capacity| Claim {
            units: self.units(&pool, answers, today),
            max: capacity.max,
            hold_minutes: capacity.hold_minutes,
            pool,
        };
        let mut claims = Vec::new();
        if let Some(capacity) = &self.procedure().capacity {
            claims.push(claim(WHOLE.to_owned(), capacity));
        }
        for field in self.procedure().pages.iter().flat_map(|page| &page.fields) {
            let chosen = answers.get(&field.id).unwrap_or(&[]);
            if let (FieldKind::Slot(kind), [code]) = (&field.kind, chosen)
                && Opening::parse(code).is_some()
            {
                claims.push(claim(pool(&field.id, code), &kind.capacity));
            }
            for option in inputs::options(field) {
                if let Some(capacity) = &option.capacity
                    && chosen.contains(&option.code)
                {
                    claims.push(claim(pool(&field.id, &option.code), capacity));
                }
            }
        }
        claims.sort();
        claims
    }
}
