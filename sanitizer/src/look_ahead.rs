//! What would arrive of a file, for the one who is about to send it.
//!
//! ```json
//! { "version": 1, "policy": 1, "kind": "docm", "kind_name": "マクロ付き Word 文書",
//!   "outcome": "rebuilt", "reason": null, "needs_password": false, "output": "a.docx",
//!   "removed": [ { "what": "macros", "count": 2, "telling": true, "sentence": "…" } ],
//!   "changed": [], "sentences": [ "…" ] }
//! ```
//! Held: `outcome` is `held`, `reason` its code, `output` is null, and the
//! sentences say what happened and what to do. A page shows `sentences` as they
//! are; the rest is for programs.

use std::collections::BTreeMap;

use sanitizer_intermediate::{Findings, HoldReason};
use serde::Serialize;

use crate::archive::Fate;
use crate::rebuild::{End, Sent, Treated};
use crate::words::Words;

/// Version of this form; counted up when a reader must know.
pub const VERSION: u32 = 1;

/// The answer about one file.
#[derive(Debug, Serialize)]
pub struct LookAhead {
    /// [`VERSION`].
    pub version: u32,
    /// Number of the policy.
    pub policy: u32,
    /// What the file is, by content.
    pub kind: &'static str,
    /// The same in words.
    pub kind_name: String,
    /// Whether a new file would arrive.
    pub outcome: Outcome,
    /// Why none would.
    pub reason: Option<&'static str>,
    /// Whether a password, or another one, is needed for the file or for a
    /// file in the archive.
    pub needs_password: bool,
    /// The name the new file would have.
    pub output: Option<String>,
    /// What would not arrive.
    pub removed: Vec<Entry>,
    /// What would arrive in another form.
    pub changed: Vec<Entry>,
    /// What the sender should read, most important first; empty when there is
    /// nothing to say.
    pub sentences: Vec<String>,
}

/// The two ways a file can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A new file would arrive.
    Rebuilt,
    /// None would.
    Held,
}

/// Everything of one sort that would be removed or changed.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Its code.
    pub what: &'static str,
    /// How many, wherever they are.
    pub count: u32,
    /// Whether the sender would miss it.
    pub telling: bool,
    /// In words for the sender.
    pub sentence: String,
}

impl LookAhead {
    /// The answer about a file that was treated.
    #[must_use]
    pub fn new(sent: &Sent<'_>, treated: &Treated, policy: u32, words: &Words) -> Self {
        let mut seen = Self {
            version: VERSION,
            policy,
            kind: treated.kind.code(),
            kind_name: words.kind(treated.kind).to_owned(),
            outcome: Outcome::Held,
            reason: None,
            needs_password: member_needs_password(treated),
            output: None,
            removed: Vec::new(),
            changed: Vec::new(),
            sentences: Vec::new(),
        };
        match &treated.end {
            End::Rebuilt(rebuilt) => {
                seen.outcome = Outcome::Rebuilt;
                seen.output = Some(rebuilt.name.clone());
                seen.removed = removed(&rebuilt.findings, words);
                seen.changed = changed(&rebuilt.findings, words);
                if seen.needs_password {
                    let key =
                        if sent.password.is_some() { "member_other" } else { "member_locked" };
                    seen.sentences.push(words.line(key, &[]));
                }
                let telling = seen.removed.iter().chain(&seen.changed).filter(|it| it.telling);
                seen.sentences.extend(telling.map(|it| it.sentence.clone()));
            }
            End::Held(reason) => {
                seen.reason = Some(reason.code());
                // Encrypted in spite of a password: in a way no password opens.
                let hopeless = *reason == HoldReason::Encrypted && sent.password.is_some();
                seen.needs_password |= reason.asks_for_password() && !hopeless;
                if let Some(advice) = words.held(*reason, treated.kind) {
                    seen.sentences = vec![advice.what.clone(), advice.next.clone()];
                }
            }
        }
        seen
    }
}

/// Whether a file in the archive stays behind for want of its password.
fn member_needs_password(treated: &Treated) -> bool {
    treated.members.iter().any(|member| match &member.fate {
        Fate::LeftOut { reason, .. } => reason.is_some_and(HoldReason::asks_for_password),
        Fate::Rebuilt { .. } | Fate::Folder => false,
    })
}

fn removed(findings: &Findings, words: &Words) -> Vec<Entry> {
    let mut counts = BTreeMap::new();
    for it in findings.removed() {
        add(counts.entry(it.kind).or_default(), it.count);
    }
    let entry = |(kind, count): (sanitizer_intermediate::RemovedKind, u32)| {
        Entry::new(kind.code(), count, words.will_remove(kind, count), words)
    };
    counts.into_iter().map(entry).collect()
}

fn changed(findings: &Findings, words: &Words) -> Vec<Entry> {
    let mut counts = BTreeMap::new();
    for it in findings.changed() {
        add(counts.entry(it.kind).or_default(), it.count);
    }
    let entry = |(kind, count): (sanitizer_intermediate::ChangedKind, u32)| {
        Entry::new(kind.code(), count, words.will_change(kind, count), words)
    };
    counts.into_iter().map(entry).collect()
}

fn add(sum: &mut u32, count: u32) {
    *sum = sum.saturating_add(count);
}

impl Entry {
    fn new(what: &'static str, count: u32, sentence: String, words: &Words) -> Self {
        Self { what, count, telling: words.is_telling(what), sentence }
    }
}
