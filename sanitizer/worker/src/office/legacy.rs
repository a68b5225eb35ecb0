//! Word, Excel and PowerPoint files of before 2007.
//!
//! ```text
//! bytes ─▶ ole   streams of the compound file
//!       ─▶ xls | doc | ppt   own readers ─▶ plain data ─▶ the shapes of today
//! ```
//! Macros, objects and their data are never read, only noticed.

mod art;
pub(super) mod bytes;
mod crypt;
mod doc;
pub(super) mod ole;
mod ppt;
mod xls;

use sanitizer_intermediate::{
    ChangedKind, Document, Findings, HoldReason, Kind, Limits, Password, Place, RemovedKind,
};

pub(super) use doc::symbol;
use ole::Ole;

/// Reads a file of before 2007.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(
    bytes: &[u8],
    kind: Kind,
    limits: &Limits,
    password: Option<&Password>,
) -> Result<(Document, Findings), HoldReason> {
    let mut ole = Ole::open(bytes, limits)?;
    if ole.is_sealed() {
        return Err(HoldReason::Encrypted);
    }
    let mut findings = Findings::default();
    note(&ole, &mut findings);
    findings.change(ChangedKind::TypeChanged, 1, Place::Document);
    let document = match kind {
        Kind::Xls => {
            Document::Sheet(Box::new(xls::read(&mut ole, limits, password, &mut findings)?))
        }
        Kind::Doc => {
            Document::Word(Box::new(doc::read(&mut ole, limits, password, &mut findings)?))
        }
        Kind::Ppt => Document::Slides(Box::new(ppt::read(&mut ole, limits, &mut findings)?)),
        _ => return Err(HoldReason::Unsupported),
    };
    Ok((document, findings))
}

/// The streams that were locked, in a compound file of their own.
///
/// # Errors
/// [`HoldReason`] when they do not open.
pub(crate) fn opened(
    bytes: &[u8],
    kind: Kind,
    limits: &Limits,
    password: Option<&Password>,
) -> Result<Vec<Vec<u8>>, HoldReason> {
    let mut ole = Ole::open(bytes, limits)?;
    let streams = match kind {
        Kind::Xls => xls::opened(&mut ole, password)?,
        Kind::Doc => doc::opened(&mut ole, password)?,
        _ => Vec::new(),
    };
    Ok(ole::compound(&streams).into_iter().collect())
}

/// Notes what stays behind, by the names of storages and streams.
fn note(ole: &Ole<'_>, findings: &mut Findings) {
    let count = |wanted: &dyn Fn(&str) -> bool| {
        u32::try_from(ole.names().filter(|it| wanted(it)).count()).unwrap_or(u32::MAX)
    };
    let macros = |it: &str| matches!(it, "/_VBA_PROJECT_CUR" | "/Macros" | "/VBA");
    findings.remove(RemovedKind::Macros, count(&macros), Place::Document);
    let object = |it: &str| {
        let last = it.rsplit('/').next().unwrap_or_default();
        it.starts_with("/MBD") && it.matches('/').count() == 1
            || it.starts_with("/ObjectPool/") && it.matches('/').count() == 2
            || last == "\u{1}Ole10Native" && it.matches('/').count() == 1
    };
    findings.remove(RemovedKind::OleObjects, count(&object), Place::Document);
    let properties = |it: &str| it.ends_with("SummaryInformation");
    findings.remove(RemovedKind::Properties, count(&properties), Place::Document);
}
