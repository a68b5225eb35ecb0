//! The package: a ZIP with one meaning, the same bytes for the same document.

use std::io::{Cursor, Write};

use sanitizer_intermediate::{Findings, Place, RemovedKind};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::part::{Names, References, Relation};
use crate::build::BuildError;

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

    /// Writes the file. `main` is where everything starts.
    ///
    /// # Errors
    /// [`BuildError`] when the ZIP writer fails.
    pub(super) fn finish(self, main: &str) -> Result<(Vec<u8>, Findings), BuildError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        put(&mut zip, "[Content_Types].xml", &self.types())?;
        let start = vec![(Relation::Document, main.to_owned())];
        put(&mut zip, "_rels/.rels", &relations("", &start))?;
        for part in &self.parts {
            put(&mut zip, &part.name, &part.bytes)?;
            if !part.references.is_empty() {
                let (folder, name) = part.name.rsplit_once('/').unwrap_or(("", &part.name));
                let list = relations(&part.name, &part.references);
                put(&mut zip, &format!("{folder}/_rels/{name}.rels"), &list)?;
            }
        }
        Ok((zip.finish().map_err(fault)?.into_inner(), self.findings))
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

fn put(zip: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
    // PNG and JPEG are packed already.
    let packed = name.ends_with(".png") || name.ends_with(".jpg");
    let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default());
    zip.start_file(name, options).map_err(fault)?;
    zip.write_all(bytes).map_err(|error| BuildError::Fault(error.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "an argument of map_err")]
fn fault(error: zip::result::ZipError) -> BuildError {
    BuildError::Fault(error.to_string())
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
