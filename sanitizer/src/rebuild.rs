//! One file through runner and builder.

use std::time::{Duration, Instant};

use sanitizer_intermediate::{
    ChangedKind, Confinement, Document, Family, Findings, HoldReason, Kind, Opened, Outcome,
    Password, Place,
};

use crate::archive::{self, MemberFate, Purse, Under};
use crate::build::{self, BuildError, Built};
use crate::runner::{Reading, RunError, Runner};
use crate::scan::{ScanError, Scanned, Slot, scan};
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
    /// What a scanner calls the malware it knows in it.
    pub malware: Option<String>,
    /// Wall time of scanners, worker and builder.
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
        let size = sent.bytes.len();
        let purse = || Purse::new(&self.policy, &self.runner.limits, size, Instant::now());
        let mut before = purse();
        // Who sends the largest files does not choose what a scanner does all day.
        if size as u64 <= self.runner.limits.input_bytes
            && let Some(reason) = self.scanned(sent.bytes, &mut before)?
        {
            let treated = Treated {
                kind: Kind::Unknown,
                end: End::Held(reason),
                members: Vec::new(),
                confinement: None,
                diagnosis: None,
                malware: None,
                took: begun.elapsed(),
            };
            return Ok(treated.told(&mut before));
        }
        // What scanners take is no time of the worker.
        let mut purse = purse();
        purse.seen = before.seen;
        Ok(self.treat(sent, 1, &mut purse)?.told(&mut purse))
    }

    /// Why scanners let bytes not pass. Names of malware and scanners that were
    /// not asked are kept with the purse.
    pub(crate) fn scanned(
        &self,
        bytes: &[u8],
        purse: &mut Purse,
    ) -> Result<Option<HoldReason>, RebuildError> {
        Ok(match scan(&self.policy.scanners, bytes)? {
            Scanned::Clean { unasked } => {
                unasked.iter().for_each(|it| eprintln!("{it}; the policy lets files pass"));
                purse.seen.unasked.extend(unasked.iter().map(|it| it.scanner));
                None
            }
            Scanned::Hit { scanner, name } => {
                purse.seen.diagnosis = Some(format!("{scanner}: {name}"));
                purse.seen.malware = Some(name);
                Some(HoldReason::ScannerHit)
            }
            Scanned::TooLarge { scanner } => {
                purse.seen.diagnosis = Some(format!("{scanner}: larger than it takes"));
                Some(HoldReason::TooLarge)
            }
        })
    }

    /// Why scanners let what a password opened not pass; asked until one says no.
    fn scanned_each(
        &self,
        pieces: Vec<Opened>,
        purse: &mut Purse,
    ) -> Result<Option<HoldReason>, RebuildError> {
        for Opened(piece) in pieces {
            if let Some(reason) = self.scanned(&piece, purse)? {
                return Ok(Some(reason));
            }
        }
        Ok(None)
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
        let Reading { kind, outcome, confinement, diagnosis } = reading;
        let end = match outcome {
            Outcome::Held(reason) => End::Held(reason),
            Outcome::Read { mut findings, opened, document } => {
                let unlocked =
                    findings.changed().iter().any(|it| it.kind == ChangedKind::PasswordRemoved);
                let known = self.scanned_each(opened, purse)?;
                let built = match (known, document) {
                    (Some(reason), _) => Err(reason),
                    (None, Document::Archive(archive)) => {
                        let under = Under { password: sent.password, unlocked, level };
                        let packed = archive::rebuild(self, archive, &under, purse)?;
                        members = packed.members;
                        packed.built
                    }
                    (None, document) => match written(build::build(&document, &self.policy))? {
                        Ok(built) if unlocked => match self.scanned(&built.bytes, purse)? {
                            Some(reason) => Err(reason),
                            None => Ok(built),
                        },
                        built => built,
                    },
                };
                match built {
                    Ok(built) => {
                        if claimed.is_some_and(|claimed| differs(claimed, kind)) {
                            findings.change(ChangedKind::TypeMismatch, 1, Place::Document);
                        }
                        End::Rebuilt(finish(sent.name, built, findings))
                    }
                    Err(reason) => End::Held(reason),
                }
            }
        };
        let took = begun.elapsed();
        Ok(Treated { kind, end, members, confinement, diagnosis, malware: None, took })
    }
}

impl Treated {
    /// Adds what scanners said, once for all members.
    fn told(mut self, purse: &mut Purse) -> Self {
        let seen = std::mem::take(&mut purse.seen);
        if let End::Rebuilt(rebuilt) = &mut self.end {
            for (scanner, kind) in [
                (Slot::Clamd, ChangedKind::NotScannedByClamd),
                (Slot::Icap, ChangedKind::NotScannedByIcap),
            ] {
                if seen.unasked.contains(&scanner) {
                    rebuilt.findings.change(kind, 1, Place::Document);
                }
            }
        }
        self.diagnosis = seen.diagnosis.or(self.diagnosis);
        self.malware = seen.malware;
        self
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
