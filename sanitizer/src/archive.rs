//! Archives: every member goes through a worker of its own, and what came of
//! each is packed anew.
//!
//! ```text
//! Archive ─▶ member ─▶ worker ─▶ builder ─▶ zip
//!              └ an archive again, down to the policy's depth
//! ```
//! One purse pays for all members of all levels: files, bytes, time.

mod members;
mod purse;

use std::time::Instant;

use sanitizer_intermediate::archive::{Archive, Content};
use sanitizer_intermediate::{Findings, HoldReason, Kind, Password, Place, RemovedKind};

pub use members::{Fate, MemberFate};
pub(crate) use purse::Purse;

use crate::build::zip::Zip;
use crate::build::{BuildError, Built};
use crate::policy::Unfit;
use crate::rebuild::{End, RebuildError, Rebuilder, Sent};
use crate::{hint, name};
use members::Names;

const MEDIA: &str = "application/zip";

/// A packed archive and what came of its members, or why there is none.
pub(crate) struct Packed {
    /// The archive, or why it is held.
    pub(crate) built: Result<Built, HoldReason>,
    /// Its members in order.
    pub(crate) members: Vec<MemberFate>,
}

/// How an archive lies before us.
pub(crate) struct Under<'p> {
    /// What opens its members, and what is in them.
    pub(crate) password: Option<&'p Password>,
    /// The password was needed: no scanner has seen the members.
    pub(crate) unlocked: bool,
    /// 1 for the outermost archive.
    pub(crate) level: usize,
}

/// Rebuilds all members.
///
/// # Errors
/// [`RebuildError`] when the fault is ours.
pub(crate) fn rebuild(
    rebuilder: &Rebuilder,
    archive: Archive,
    under: &Under<'_>,
    purse: &mut Purse,
) -> Result<Packed, RebuildError> {
    let Under { password, unlocked, level } = *under;
    let choices = &rebuilder.policy.archives;
    if !choices.open {
        return Ok(Packed::held(HoldReason::Unsupported, Vec::new()));
    }
    if level > choices.most_levels() {
        return Ok(Packed::held(HoldReason::TooComplex, Vec::new()));
    }
    let mut packing = Packing::default();
    for (number, member) in (1..).zip(archive.members) {
        let fate = match member.content {
            Content::Folder => packing.folder(&member.name, number)?,
            Content::Link => packing.without(number, RemovedKind::MemberLinks, None),
            Content::Unreadable(reason) => {
                packing.without(number, RemovedKind::Members, Some(reason))
            }
            Content::File(_) if members::is_system_file(&member.name) => {
                packing.without(number, RemovedKind::SystemFiles, None)
            }
            Content::File(bytes) => {
                if let Err(reason) = purse.pay(bytes.len(), Instant::now()) {
                    return Ok(Packed::held(reason, packing.members));
                }
                if unlocked && let Some(reason) = rebuilder.scanned(&bytes, purse)? {
                    return Ok(Packed::held(reason, packing.members));
                }
                let sent = Sent { name: &member.name, bytes: &bytes, password };
                packing.file(rebuilder, &sent, number, level, purse)?
            }
        };
        if let Some(reason) = purse.spent() {
            return Ok(Packed::held(reason, packing.members));
        }
        let unfit = match &fate {
            Fate::LeftOut { reason: Some(reason), .. } if choices.unfit == Unfit::Hold => {
                Some(*reason)
            }
            // A virus in one member is a matter of the whole.
            Fate::LeftOut { reason: Some(HoldReason::ScannerHit), .. } => {
                Some(HoldReason::ScannerHit)
            }
            Fate::LeftOut { .. } | Fate::Rebuilt { .. } | Fate::Folder => None,
        };
        packing.members.push(MemberFate { name: member.name, fate });
        if let Some(reason) = unfit {
            return Ok(Packed::held(reason, packing.members));
        }
    }
    packing.finish()
}

impl Packed {
    fn held(reason: HoldReason, members: Vec<MemberFate>) -> Self {
        Self { built: Err(reason), members }
    }
}

#[derive(Default)]
struct Packing {
    zip: Zip,
    names: Names,
    files: usize,
    findings: Findings,
    members: Vec<MemberFate>,
}

impl Packing {
    fn folder(&mut self, name: &str, number: u32) -> Result<Fate, RebuildError> {
        if members::is_system_file(name) {
            return Ok(self.without(number, RemovedKind::SystemFiles, None));
        }
        if let Some(name) = self.names.folder(name) {
            self.add(&format!("{name}/"), b"")?;
        }
        Ok(Fate::Folder)
    }

    fn file(
        &mut self,
        rebuilder: &Rebuilder,
        sent: &Sent<'_>,
        number: u32,
        level: usize,
        purse: &mut Purse,
    ) -> Result<Fate, RebuildError> {
        let name = sent.name;
        if sent.bytes.is_empty() {
            return if members::is_inert(hint::of(name)) {
                self.put(name, name::member(name, None), b"")
            } else {
                Ok(self.without(number, RemovedKind::ActiveMembers, Some(HoldReason::ActiveOnly)))
            };
        }
        let treated = rebuilder.treat(sent, level + 1, purse)?;
        match treated.end {
            End::Rebuilt(rebuilt) => {
                members::gather(&mut self.findings, &rebuilt.findings, number);
                let new = name::member(name, Some((treated.kind, &rebuilt.name)));
                self.put(name, new, &rebuilt.bytes)
            }
            End::Held(reason) => {
                let active = reason == HoldReason::ActiveOnly || treated.kind == Kind::Html;
                let kind = if active { RemovedKind::ActiveMembers } else { RemovedKind::Members };
                Ok(self.without(number, kind, Some(reason)))
            }
        }
    }

    fn without(&mut self, number: u32, kind: RemovedKind, reason: Option<HoldReason>) -> Fate {
        self.findings.remove(kind, 1, Place::Member(number));
        Fate::LeftOut { kind, reason }
    }

    fn put(&mut self, old: &str, new: String, bytes: &[u8]) -> Result<Fate, RebuildError> {
        let name = self.names.file(old, &new);
        self.add(&name, bytes)?;
        self.files += 1;
        Ok(Fate::Rebuilt { name })
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), RebuildError> {
        self.zip.add(name, bytes).map_err(|error| RebuildError::Build(error.to_string()))
    }

    /// The archive; held when no file of it is left.
    fn finish(self) -> Result<Packed, RebuildError> {
        let reasons = self.members.iter().filter_map(|it| match it.fate {
            Fate::LeftOut { reason, .. } => reason,
            Fate::Rebuilt { .. } | Fate::Folder => None,
        });
        let reason = members::reason(reasons);
        if self.files == 0 {
            return Ok(Packed::held(reason.unwrap_or(HoldReason::Broken), self.members));
        }
        let built = match self.zip.finish() {
            Ok(bytes) => {
                Ok(Built { bytes, media: MEDIA, extension: "zip", findings: self.findings })
            }
            Err(BuildError::TooLarge) => Err(HoldReason::TooLarge),
            Err(error) => return Err(RebuildError::Build(error.to_string())),
        };
        Ok(Packed { built, members: self.members })
    }
}
