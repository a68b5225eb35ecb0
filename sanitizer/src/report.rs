//! The result for machines: JSON, versioned.
//!
//! ```json
//! { "version": 1, "policy": 1, "files": [
//!   { "input": "a.jpg", "bytes": 1200, "sha256": "…", "kind": "jpeg",
//!     "confinement": { "landlock": true, "seccomp": true }, "milliseconds": 12,
//!     "outcome": "rebuilt",
//!     "output": { "name": "a.jpg", "media": "image/jpeg", "bytes": 900, "sha256": "…" },
//!     "removed": [ { "kind": "exif", "count": 1, "place": "", "words": "…" } ],
//!     "changed": [] } ] }
//! ```

use bridge_contract::digest::Digest;
use sanitizer_intermediate::{Findings, HoldReason, Place};
use serde::Serialize;

use crate::archive::{Fate, MemberFate};
use crate::rebuild::{End, Treated};
use crate::words::Words;

/// Version of this form; counted up when a reader must know.
pub const VERSION: u32 = 1;

/// The result for all files of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// Number of the policy.
    pub policy: u32,
    /// One entry per file, in the order given.
    pub files: Vec<FileReport>,
}

/// The result for one file.
#[derive(Debug, Serialize)]
pub struct FileReport {
    /// The path it was read from.
    pub input: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal; empty when it was too large to read.
    pub sha256: String,
    /// What it is, by content.
    pub kind: &'static str,
    /// The walls around the worker, when it answered.
    pub confinement: Option<Walls>,
    /// How long it took.
    pub milliseconds: u64,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The walls around a worker.
#[derive(Debug, Serialize)]
pub struct Walls {
    /// Landlock denied the file system.
    pub landlock: bool,
    /// Seccomp denied other system calls.
    pub seccomp: bool,
}

/// What became of a file.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// A new file exists.
    Rebuilt {
        /// The new file.
        output: Output,
        /// What did not survive.
        removed: Vec<Entry>,
        /// What survived in another form.
        changed: Vec<Entry>,
        /// The members of an archive.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        members: Vec<Member>,
    },
    /// No file crosses.
    Held {
        /// The reason's code.
        reason: &'static str,
        /// What happened, in words.
        what: String,
        /// What to do next, in words.
        next: String,
        /// The members of an archive, as far as they were looked at.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        members: Vec<Member>,
        /// How the worker ended when it ended badly.
        #[serde(skip_serializing_if = "Option::is_none")]
        diagnosis: Option<String>,
    },
    /// A fault of this host; nothing is said about the file.
    Fault {
        /// What went wrong.
        why: String,
    },
}

/// A rebuilt file.
#[derive(Debug, Serialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media: &'static str,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A member of an archive; its number is its place in the lists.
#[derive(Debug, Serialize)]
pub struct Member {
    /// Its path.
    pub name: String,
    /// Its path in the new archive; `null` when it is not in there.
    pub output: Option<String>,
    /// As what it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<&'static str>,
    /// Why it could not be rebuilt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// A removal or a change.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Its code.
    pub kind: &'static str,
    /// How many.
    pub count: u32,
    /// Where: `page 3`, `cell 1 4 2`; empty for the whole file.
    pub place: String,
    /// The same in words, with the place.
    pub words: String,
}

impl FileReport {
    /// The entry for a file that was treated.
    #[must_use]
    pub fn treated(input: String, original: &[u8], treated: &Treated, words: &Words) -> Self {
        let outcome = match &treated.end {
            End::Rebuilt(rebuilt) => Outcome::Rebuilt {
                output: Output {
                    name: rebuilt.name.clone(),
                    media: rebuilt.media,
                    bytes: rebuilt.bytes.len() as u64,
                    sha256: Digest::of(&rebuilt.bytes).to_string(),
                },
                removed: removed(&rebuilt.findings, words),
                changed: changed(&rebuilt.findings, words),
                members: members(&treated.members),
            },
            End::Held(reason) => {
                let advice = words.held(*reason, treated.kind);
                Outcome::Held {
                    reason: reason.code(),
                    what: advice.map(|it| it.what.clone()).unwrap_or_default(),
                    next: advice.map(|it| it.next.clone()).unwrap_or_default(),
                    members: members(&treated.members),
                    diagnosis: treated.diagnosis.clone(),
                }
            }
        };
        Self {
            input,
            bytes: original.len() as u64,
            sha256: Digest::of(original).to_string(),
            kind: treated.kind.code(),
            confinement: treated
                .confinement
                .map(|it| Walls { landlock: it.landlock, seccomp: it.seccomp }),
            milliseconds: u64::try_from(treated.took.as_millis()).unwrap_or(u64::MAX),
            outcome,
        }
    }

    /// The entry for a file that could not be treated.
    #[must_use]
    pub fn fault(input: String, why: String) -> Self {
        Self {
            input,
            bytes: 0,
            sha256: String::new(),
            kind: sanitizer_intermediate::Kind::Unknown.code(),
            confinement: None,
            milliseconds: 0,
            outcome: Outcome::Fault { why },
        }
    }
}

fn members(fates: &[MemberFate]) -> Vec<Member> {
    let member = |it: &MemberFate| {
        let name = it.name.clone();
        match &it.fate {
            Fate::Folder => {
                Member { output: Some(format!("{name}/")), name, removed: None, reason: None }
            }
            Fate::Rebuilt { name: output } => {
                Member { name, output: Some(output.clone()), removed: None, reason: None }
            }
            Fate::LeftOut { kind, reason } => Member {
                name,
                output: None,
                removed: Some(kind.code()),
                reason: reason.map(HoldReason::code),
            },
        }
    };
    fates.iter().map(member).collect()
}

/// What did not survive.
#[must_use]
pub fn removed(findings: &Findings, words: &Words) -> Vec<Entry> {
    let entry = |it: &sanitizer_intermediate::Removed| {
        Entry::new(it.kind.code(), it.count, it.place, words.removed(it.kind, it.count), words)
    };
    findings.removed().iter().map(entry).collect()
}

/// What survived in another form.
#[must_use]
pub fn changed(findings: &Findings, words: &Words) -> Vec<Entry> {
    let entry = |it: &sanitizer_intermediate::Changed| {
        Entry::new(it.kind.code(), it.count, it.place, words.changed(it.kind, it.count), words)
    };
    findings.changed().iter().map(entry).collect()
}

impl Entry {
    fn new(kind: &'static str, count: u32, place: Place, sentence: String, words: &Words) -> Self {
        let named = words.place(place);
        let place_words = if named.is_empty() {
            String::new()
        } else {
            words.line("finding_place", &[("place", &named)])
        };
        let fields = [("words", sentence.as_str()), ("place", place_words.as_str())];
        Self { kind, count, place: place.to_string(), words: words.line("finding", &fields) }
    }
}
