//! OpenDocument: texts, sheets and presentations.
//!
//! ```text
//! bytes ─▶ container ─▶ content.xml, styles.xml ─▶ text | sheet | slides ─▶ plain data
//! ```
//! Elements are told by their local names; no two that matter share one.

mod cells;
mod formula;
mod locked;
mod measure;
mod numbers;
mod sheet;
mod slides;
mod styles;
mod text;

use sanitizer_intermediate::{
    ChangedKind, Document, Findings, HoldReason, Limits, Password, Place, RemovedKind,
};

use super::plain::Pictures;
use super::xml::{Budget, Element, Pull, decode};
use crate::crypt;
use locked::Parts;
use styles::Styles;

/// An opened file and what was noted about it so far.
struct Odf<'f> {
    parts: Parts<'f>,
    budget: Budget,
    limits: Limits,
    styles: Styles,
    pictures: Pictures,
    findings: Findings,
    place: Place,
    /// Remarks that found a place in the result.
    remarks: u32,
}

/// Reads an OpenDocument file.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Result<(Document, Findings), HoldReason> {
    let parts = Parts::open(bytes, limits, password)?;
    let mut odf = Odf {
        parts,
        budget: Budget::new(limits.objects),
        limits: *limits,
        styles: Styles::default(),
        pictures: Pictures::new(limits.answer_bytes),
        findings: Findings::default(),
        place: Place::Document,
        remarks: 0,
    };
    if odf.parts.is_locked() {
        crypt::note(&mut odf.findings);
    }
    odf.note_parts();
    odf.findings.change(ChangedKind::TypeChanged, 1, Place::Document);
    let content = odf.part("content.xml")?.ok_or(HoldReason::Broken)?;
    let styles = odf.part("styles.xml")?;
    for root in styles.iter().chain([&content]) {
        odf.styles.add(root);
    }
    odf.note_content(&content);
    let body = content.child("body").ok_or(HoldReason::Broken)?;
    let document = if let Some(text) = body.child("text") {
        Document::Word(Box::new(text::read(&mut odf, text, styles.as_ref())?))
    } else if let Some(book) = body.child("spreadsheet") {
        Document::Sheet(Box::new(sheet::read(&mut odf, book)?))
    } else if let Some(deck) = body.child("presentation") {
        Document::Slides(Box::new(slides::read(&mut odf, deck)?))
    } else {
        return Err(HoldReason::Unsupported);
    };
    odf.note_remarks([Some(&content), styles.as_ref()]);
    Ok((document, odf.findings))
}

/// The parts that were locked, as they were sent.
///
/// # Errors
/// [`HoldReason`] when one is damaged or does not open.
pub(crate) fn opened(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Result<Vec<Vec<u8>>, HoldReason> {
    let mut parts = Parts::open(bytes, limits, password)?;
    let locked: Vec<String> = parts.locked().map(str::to_owned).collect();
    locked.iter().filter_map(|it| parts.read(it).transpose()).collect()
}

impl Odf<'_> {
    /// A part as one element.
    fn part(&mut self, name: &str) -> Result<Option<Element>, HoldReason> {
        let Some(bytes) = self.parts.read(name)? else {
            return Ok(None);
        };
        let text = decode(bytes)?;
        let mut pull = Pull::new(&text, self.budget.clone());
        let root = pull.root()?;
        pull.take(root).map(Some)
    }

    /// The number of the first picture of a frame that can be shown.
    fn picture(&mut self, frame: &Element) -> Result<Option<u32>, HoldReason> {
        let has_object = frame.elements().any(|it| matches!(&*it.name, "object" | "object-ole"));
        let mut has_picture = false;
        let mut found = None;
        for image in frame.elements().filter(|it| &*it.name == "image") {
            has_picture = true;
            let name = image.attribute("href").unwrap_or_default().trim_start_matches("./");
            if name.contains(':') || name.starts_with('/') {
                self.findings.remove(RemovedKind::ExternalReferences, 1, self.place);
                continue;
            }
            let bytes = if name.is_empty() { None } else { self.parts.read(name)? };
            found = bytes.and_then(|it| self.pictures.add(&it, &self.limits));
            if found.is_some() {
                break;
            }
        }
        if has_object && found.is_some() {
            self.findings.change(ChangedKind::ObjectsAsPictures, 1, self.place);
        } else if has_object {
            self.findings.remove(RemovedKind::OleObjects, 1, self.place);
        } else if has_picture && found.is_none() {
            self.findings.remove(RemovedKind::Pictures, 1, self.place);
        }
        Ok(found)
    }

    /// Notes parts that stay behind.
    fn note_parts(&mut self) {
        let names: Vec<String> = self.parts.names().map(str::to_lowercase).collect();
        let count = |wanted: &dyn Fn(&str) -> bool| {
            u32::try_from(names.iter().filter(|it| wanted(it)).count()).unwrap_or(u32::MAX)
        };
        let found = [
            (
                RemovedKind::Macros,
                count(&|it| it.starts_with("basic/") || it.starts_with("scripts/")),
            ),
            (RemovedKind::Thumbnails, count(&|it| it.starts_with("thumbnails/"))),
            (RemovedKind::Properties, count(&|it| it == "meta.xml")),
            (RemovedKind::Signatures, count(&|it| it.ends_with("signatures.xml"))),
            (
                RemovedKind::CustomUi,
                count(&|it| it.starts_with("configurations2/") && it.ends_with(".xml")),
            ),
        ];
        for (kind, count) in found {
            self.findings.remove(kind, count, Place::Document);
        }
        let stray = u32::from(self.parts.stray_bytes() > 0);
        self.findings.remove(RemovedKind::StrayBytes, stray, Place::Document);
    }

    /// Notes remarks that found no place in the result.
    fn note_remarks(&mut self, roots: [Option<&Element>; 2]) {
        let all = roots.into_iter().flatten().map(|it| it.count(&|it| &*it.name == "annotation"));
        let lost = all.sum::<u32>().saturating_sub(self.remarks);
        self.findings.remove(RemovedKind::Comments, lost, Place::Document);
    }

    /// Notes what of the content stays behind wherever it stands.
    fn note_content(&mut self, content: &Element) {
        for (name, kind) in [
            ("script", RemovedKind::Macros),
            ("event-listener", RemovedKind::Actions),
            ("form", RemovedKind::FormFields),
            ("dde-source", RemovedKind::Dde),
            ("table-source", RemovedKind::ExternalReferences),
            ("section-source", RemovedKind::ExternalReferences),
            ("plugin", RemovedKind::Media),
            ("applet", RemovedKind::ActiveX),
        ] {
            self.findings.remove(kind, content.count(&|it| &*it.name == name), Place::Document);
        }
        let changes = content.count(&|it| &*it.name == "changed-region");
        self.findings.change(ChangedKind::RevisionsAccepted, changes, Place::Document);
    }
}
