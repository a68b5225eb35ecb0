//! One file through runner and builder.

use std::time::{Duration, Instant};

use sanitizer_intermediate::{
    ChangedKind, Confinement, Document, Family, Findings, HoldReason, Kind, Outcome, Password,
    Place,
};

use crate::archive::{self, MemberFate, Purse};
use crate::build::{self, BuildError, Built};
use crate::runner::{Reading, RunError, Runner};
use crate::scan::{ScanError, Scanned, scan};
use crate::{Policy, hint, name};

/// Everything needed to rebuild files.
#[derive(Debug, Clone)]
pub struct Rebuilder {
    /// Runs the workers.
    pub runner: Runner,
    /// What the city chose.
    pub policy: Policy,
}

/// One file as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The name it came with: a claim.
    pub name: &'a str,
    /// The file.
    pub bytes: &'a [u8],
    /// What is said to open it, and what is in it.
    pub password: Option<&'a Password>,
}

/// What became of one file.
#[derive(Debug)]
pub struct Treated {
    /// What it was, by content.
    pub kind: Kind,
    /// The result.
    pub end: End,
    /// What came of the members, when it is an archive.
    pub members: Vec<MemberFate>,
    /// The walls around the worker, when it answered.
    pub confinement: Option<Confinement>,
    /// For the operator: how the worker ended when it ended badly, or what a
    /// scanner calls the file.
    pub diagnosis: Option<String>,
    /// Wall time of worker and builder.
    pub took: Duration,
}

/// The two ways a file can end.
#[derive(Debug)]
pub enum End {
    /// A new file exists.
    Rebuilt(Rebuilt),
    /// No file crosses.
    Held(HoldReason),
}

/// A rebuilt file.
#[derive(Debug)]
pub struct Rebuilt {
    /// Its name: the original's, with the right extension.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media: &'static str,
    /// What staff should know.
    pub findings: Findings,
}

/// A fault of ours; nothing is said about the file.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Workers do not run here.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A required scanner gave no opinion.
    #[error(transparent)]
    Scanner(#[from] ScanError),
    /// An encoder of ours failed.
    #[error("builder: {0}")]
    Build(String),
}

impl Rebuilder {
    /// Rebuilds one file that came without a password.
    ///
    /// # Errors
    /// [`RebuildError`] when the fault is ours.
    pub fn rebuild(&self, name: &str, bytes: &[u8]) -> Result<Treated, RebuildError> {
        self.rebuild_sent(&Sent { name, bytes, password: None })
    }

    /// Has the scanners look at one file, then rebuilds it.
    ///
    /// # Errors
    /// [`RebuildError`] when the fault is ours.
    pub fn rebuild_sent(&self, sent: &Sent<'_>) -> Result<Treated, RebuildError> {
        let begun = Instant::now();
        let held = |reason, diagnosis| Treated {
            kind: Kind::Unknown,
            end: End::Held(reason),
            members: Vec::new(),
            confinement: None,
            diagnosis: Some(diagnosis),
            took: begun.elapsed(),
        };
        // Who sends the largest files does not choose what a scanner does all day.
        if sent.bytes.len() as u64 <= self.runner.limits.input_bytes {
            match scan(&self.policy.scanners, sent.bytes)? {
                Scanned::Clean { unasked } => {
                    unasked.iter().for_each(|it| eprintln!("{it}; the policy lets files pass"));
                }
                Scanned::Hit { scanner, name } => {
                    return Ok(held(HoldReason::ScannerHit, format!("{scanner}: {name}")));
                }
                Scanned::TooLarge { scanner } => {
                    return Ok(held(
                        HoldReason::TooLarge,
                        format!("{scanner}: larger than it takes"),
                    ));
                }
            }
        }
        let size = sent.bytes.len();
        let mut purse = Purse::new(&self.policy, &self.runner.limits, size, Instant::now());
        self.treat(sent, 1, &mut purse)
    }

    /// Rebuilds a file or a member of an archive, `level` archives deep.
    ///
    /// # Errors
    /// [`RebuildError`] when the fault is ours.
    pub(crate) fn treat(
        &self,
        sent: &Sent<'_>,
        level: usize,
        purse: &mut Purse,
    ) -> Result<Treated, RebuildError> {
        let begun = Instant::now();
        let claimed = hint::of(sent.name);
        let reading = match purse.time_left(begun) {
            Some(time) => self.runner.read(sent, time)?,
            None => Reading::held(HoldReason::Timeout, None),
        };
        let mut members = Vec::new();
        let end = match reading.outcome {
            Outcome::Held(reason) => End::Held(reason),
            Outcome::Read { mut findings, document } => {
                let built = match document {
                    Document::Archive(archive) => {
                        let packed = archive::rebuild(self, archive, sent.password, level, purse)?;
                        members = packed.members;
                        packed.built
                    }
                    document => written(build::build(&document, &self.policy))?,
                };
                match built {
                    Ok(built) => {
                        if claimed.is_some_and(|claimed| differs(claimed, reading.kind)) {
                            findings.change(ChangedKind::TypeMismatch, 1, Place::Document);
                        }
                        End::Rebuilt(finish(sent.name, built, findings))
                    }
                    Err(reason) => End::Held(reason),
                }
            }
        };
        let (kind, confinement, diagnosis) = (reading.kind, reading.confinement, reading.diagnosis);
        Ok(Treated { kind, end, members, confinement, diagnosis, took: begun.elapsed() })
    }
}

fn finish(original: &str, built: Built, mut findings: Findings) -> Rebuilt {
    findings.absorb(&built.findings);
    let name = name::rebuilt(original, built.extension);
    Rebuilt { name, bytes: built.bytes, media: built.media, findings }
}

/// Any text may be named a text; everything else must be what it says.
fn differs(claimed: Kind, found: Kind) -> bool {
    claimed != found && !(claimed.family() == Family::Text && found.family() == Family::Text)
}

/// What was built, or what a failed build says about the file, if anything.
fn written(built: Result<Built, BuildError>) -> Result<Result<Built, HoldReason>, RebuildError> {
    match built {
        Ok(built) => Ok(Ok(built)),
        Err(BuildError::TooLarge) => Ok(Err(HoldReason::TooLarge)),
        Err(BuildError::Invalid(_)) => Ok(Err(HoldReason::WorkerFault)),
        Err(BuildError::Unsupported) => Ok(Err(HoldReason::Unsupported)),
        Err(BuildError::Fault(why)) => Err(RebuildError::Build(why)),
    }
}
