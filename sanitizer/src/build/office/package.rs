//! The package: a ZIP with one meaning, the same bytes for the same document.

use std::collections::{HashMap, HashSet};

use sanitizer_intermediate::{Findings, Place, RemovedKind};

use super::part::{Names, References, Relation};
use crate::build::BuildError;
use crate::build::zip::Zip;

const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A package in the making.
pub(super) struct Package {
    parts: Vec<Part>,
    /// What was left out of its parts.
    pub findings: Findings,
}

struct Part {
    name: String,
    media: &'static str,
    bytes: Vec<u8>,
    references: Vec<(Relation, String)>,
}

impl Package {
    /// Without parts.
    pub(super) fn new() -> Self {
        Self { parts: Vec::new(), findings: Findings::default() }
    }

    /// Adds a part; what was left out of it is at `place`.
    pub(super) fn add_at(
        &mut self,
        place: Place,
        (name, media): (&str, &'static str),
        bytes: Vec<u8>,
        references: &References<'_>,
    ) {
        self.findings.remove(RemovedKind::Links, references.links_left_out(), place);
        let references = references.list().to_vec();
        self.parts.push(Part { name: name.to_owned(), media, bytes, references });
    }

    /// Adds a part of no place in particular.
    pub(super) fn add(
        &mut self,
        name: &str,
        media: &'static str,
        bytes: Vec<u8>,
        references: &References<'_>,
    ) {
        self.add_at(Place::Document, (name, media), bytes, references);
    }

    /// Adds a part that refers to nothing.
    pub(super) fn add_plain(&mut self, name: &str, media: &'static str, bytes: Vec<u8>) {
        self.add(name, media, bytes, &References::new(&Names::default()));
    }

    /// Writes the file: `main`, where everything starts, and all that it leads to.
    ///
    /// # Errors
    /// [`BuildError::TooLarge`] beyond what a ZIP holds.
    pub(super) fn finish(mut self, main: &str) -> Result<(Vec<u8>, Findings), BuildError> {
        self.drop_unreached(main);
        let mut zip = Zip::default();
        zip.add("[Content_Types].xml", &self.types())?;
        let start = vec![(Relation::Document, main.to_owned())];
        zip.add("_rels/.rels", &relations("", &start))?;
        for part in &self.parts {
            put(&mut zip, &part.name, &part.bytes)?;
            if !part.references.is_empty() {
                let (folder, name) = part.name.rsplit_once('/').unwrap_or(("", &part.name));
                let list = relations(&part.name, &part.references);
                zip.add(&format!("{folder}/_rels/{name}.rels"), &list)?;
            }
        }
        Ok((zip.finish()?, self.findings))
    }

    /// Pictures and charts that nothing shows any more are not written.
    fn drop_unreached(&mut self, main: &str) {
        let by_name: HashMap<&str, &Part> =
            self.parts.iter().map(|it| (it.name.as_str(), it)).collect();
        let mut reached = HashSet::new();
        let mut waiting = vec![main];
        while let Some(name) = waiting.pop() {
            let Some(part) = by_name.get(name) else { continue };
            if reached.insert(part.name.clone()) {
                let inside = part.references.iter().filter(|it| it.0 != Relation::Hyperlink);
                waiting.extend(inside.map(|it| it.1.as_str()));
            }
        }
        self.parts.retain(|it| reached.contains(&it.name));
    }

    fn types(&self) -> Vec<u8> {
        let mut out = String::from(HEAD);
        out.push_str(&format!("<Types xmlns=\"{TYPES}\">"));
        for (extension, media) in [
            ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
            ("xml", "application/xml"),
            ("png", "image/png"),
            ("jpg", "image/jpeg"),
            ("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing"),
        ] {
            out.push_str(&format!("<Default Extension=\"{extension}\" ContentType=\"{media}\"/>"));
        }
        for part in self.parts.iter().filter(|it| it.name.ends_with(".xml")) {
            out.push_str(&format!(
                "<Override PartName=\"/{}\" ContentType=\"{}\"/>",
                part.name, part.media
            ));
        }
        out.push_str("</Types>");
        out.into_bytes()
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

fn relations(from: &str, list: &[(Relation, String)]) -> Vec<u8> {
    let mut out = String::from(HEAD);
    out.push_str(&format!("<Relationships xmlns=\"{RELATIONSHIPS}\">"));
    for (at, (relation, part)) in list.iter().enumerate() {
        out.push_str(&format!("<Relationship Id=\"rId{}\" Type=\"{}\"", at + 1, relation.uri()));
        if *relation == Relation::Hyperlink {
            let address = part.replace('&', "&amp;");
            out.push_str(&format!(" Target=\"{address}\" TargetMode=\"External\"/>"));
        } else {
            out.push_str(&format!(" Target=\"{}\"/>", seen_from(from, part)));
        }
    }
    out.push_str("</Relationships>");
    out.into_bytes()
}

/// The way from one part to another, as both are named from the root.
fn seen_from(from: &str, to: &str) -> String {
    let own: Vec<&str> = from.split('/').collect();
    let other: Vec<&str> = to.split('/').collect();
    let folders = own.len().saturating_sub(1);
    let shared = own[..folders].iter().zip(&other).take_while(|(a, b)| a == b).count();
    let mut way = "../".repeat(folders - shared);
    way.push_str(&other[shared..].join("/"));
    way
}

fn put(zip: &mut Zip, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
    // PNG and JPEG are packed already.
    if name.ends_with(".png") || name.ends_with(".jpg") {
        zip.add_stored(name, bytes)
    } else {
        zip.add(name, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_between_parts() {
        assert_eq!(seen_from("", "word/document.xml"), "word/document.xml");
        assert_eq!(seen_from("word/document.xml", "word/media/image1.png"), "media/image1.png");
        assert_eq!(
            seen_from("xl/worksheets/sheet1.xml", "xl/drawings/drawing1.xml"),
            "../drawings/drawing1.xml"
        );
    }
}
