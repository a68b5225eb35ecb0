//! Checks of what is filled in: normalise first, then say what is wrong and where.

mod fault;

pub use fault::{Code, Fault};

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::forms::definition::FileType;
use crate::forms::{Answers, Compiled};

/// Input name under which a page lists the ids of the fields it rendered. A field that becomes
/// visible only through the answers just sent is *revealed*, not faulty. Without this input every
/// visible field counts as rendered.
pub const SHOWN: &str = "_shown";

/// What the checks must know besides the answers.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Today in Japan.
    pub today: Date,
    /// Capacity pools that are full, see [`Compiled::claims`].
    pub full: &'a BTreeSet<String>,
    /// Files uploaded to this draft.
    pub files: &'a [AttachedFile],
}

impl Context<'_> {
    /// A context without full pools and files.
    #[must_use]
    pub fn on(today: Date) -> Self {
        static NONE: BTreeSet<String> = BTreeSet::new();
        Self { today, full: &NONE, files: &[] }
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

/// One seat to be taken in the arrival transaction (NF-49).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// `procedure`, or `FIELD.CODE` for an option.
    pub pool: String,
    /// Seats of the pool.
    pub max: u32,
}

impl Compiled {
    /// Checks one page. `saved` holds the answers of the whole draft so far, `raw` what the page
    /// sent. The answers returned are the page's own; overlay them with [`Self::store_page`].
    #[must_use]
    pub fn check_page(
        &self,
        page: usize,
        saved: &Answers,
        raw: &Answers,
        context: &Context<'_>,
    ) -> Checked {
        let _ = (page, saved, context);
        Checked { answers: raw.clone(), faults: Vec::new(), revealed: Vec::new() }
    }

    /// The draft's answers after a page was checked: the page's entries replaced, what is now
    /// hidden on later pages kept for the case that it comes back.
    #[must_use]
    pub fn store_page(&self, page: usize, saved: &Answers, checked: &Answers) -> Answers {
        let _ = page;
        let mut all = saved.clone();
        all.overlay(checked);
        all
    }

    /// Checks everything before submission. The answers returned hold exactly what is visible.
    #[must_use]
    pub fn check_all(&self, answers: &Answers, context: &Context<'_>) -> Checked {
        let _ = context;
        Checked { answers: answers.clone(), faults: Vec::new(), revealed: Vec::new() }
    }

    /// Seats these answers take, sorted by pool so that transactions cannot lock each other out.
    #[must_use]
    pub fn claims(&self, answers: &Answers) -> Vec<Claim> {
        let _ = answers;
        Vec::new()
    }
}
