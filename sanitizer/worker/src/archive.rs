//! ZIP archives: what is in them, each member to be read by a worker of its own.
//!
//! Members leave this process as bytes, for other workers and for no builder.
//!
//! ```text
//! bytes ─▶ container  ZIP with one meaning, bombs measured before they unfold
//!       ─▶ names      CP932 or UTF-8, made to mean the same on every system
//! ```

mod names;

use sanitizer_intermediate::archive::{Archive, Content, Member};
use sanitizer_intermediate::{
    ChangedKind, Document, Findings, HoldReason, Limits, Password, Place, RemovedKind,
};

use crate::container::{Container, Entry};
use crate::crypt;

/// Reads an archive.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Result<(Document, Findings), HoldReason> {
    let mut container = Container::archive(bytes, limits, password)?;
    let mut findings = Findings::default();
    if container.is_locked() {
        crypt::note(&mut findings);
    }
    if container.stray_bytes > 0 {
        findings.remove(RemovedKind::StrayBytes, 1, Place::Document);
    }
    let named = names::read(container.entries());
    let mut members = Vec::with_capacity(named.len());
    for (at, named) in named.into_iter().enumerate() {
        let place = Place::Member(u32::try_from(at + 1).unwrap_or(u32::MAX));
        let content = content(&mut container, at, named.is_folder)?;
        if named.changed {
            findings.change(ChangedKind::NamesChanged, 1, place);
        }
        members.push(Member { name: named.name, content });
    }
    Ok((Document::Archive(Archive { members }), findings))
}

fn content(
    container: &mut Container<'_>,
    at: usize,
    is_folder: bool,
) -> Result<Content, HoldReason> {
    if is_folder {
        return Ok(Content::Folder);
    }
    if container.entries().get(at).is_some_and(|it: &Entry| it.is_link) {
        return Ok(Content::Link);
    }
    match container.read_at(at) {
        Ok(bytes) => Ok(Content::File(bytes)),
        // What concerns the archive as a whole is no matter of one member.
        Err(
            reason @ (HoldReason::TooLarge
            | HoldReason::TooComplex
            | HoldReason::Encrypted
            | HoldReason::WrongPassword),
        ) => Err(reason),
        Err(reason) => Ok(Content::Unreadable(reason)),
    }
}
