//! The elements of a part.

use super::names::names;
use crate::refusal::{Verdict, must};
use crate::xml::{self, Start};

/// Addresses of namespaces, by the prefixes we write.
const SPACES: &[(&str, &str)] = &[
    ("w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    ("wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
    ("wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"),
    ("wpg", "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"),
    ("a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
    ("pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"),
    ("c", "http://schemas.openxmlformats.org/drawingml/2006/chart"),
    ("m", "http://schemas.openxmlformats.org/officeDocument/2006/math"),
    ("s", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    ("xdr", "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"),
    ("p", "http://schemas.openxmlformats.org/presentationml/2006/main"),
    ("r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
    ("v", "urn:schemas-microsoft-com:vml"),
];
/// Fields that neither fetch, run nor link anything.
const FIELDS: [&str; 26] = [
    "PAGE",
    "NUMPAGES",
    "SECTION",
    "SECTIONPAGES",
    "TOC",
    "TC",
    "XE",
    "INDEX",
    "PAGEREF",
    "REF",
    "NOTEREF",
    "SEQ",
    "STYLEREF",
    "DATE",
    "TIME",
    "EQ",
    "SYMBOL",
    "ADVANCE",
    "LISTNUM",
    "AUTONUM",
    "AUTONUMLGL",
    "AUTONUMOUT",
    "FORMTEXT",
    "FORMCHECKBOX",
    "FORMDROPDOWN",
    "HYPERLINK",
];

/// A part of a document.
pub(super) fn verify(data: &[u8]) -> Verdict {
    let hear = |within: &str, text: &str| match within {
        "w:instrText" => field(text),
        "f"
        | "definedName"
        | "formula"
        | "formula1"
        | "formula2"
        | "calculatedColumnFormula"
        | "totalsRowFormula"
        | "c:f" => formula(text),
        _ => Ok(()),
    };
    xml::walk(data, true, see, hear)
}

fn see(start: &Start<'_>) -> Verdict {
    let names = names();
    let known = if start.name.contains(':') {
        names.elements.contains(start.name)
    } else {
        names.elements.contains(&format!("s:{}", start.name))
    };
    must(known, "an element that is not ours")?;
    for (key, value) in &start.attributes {
        if *key == "xmlns" {
            must(start.around.is_empty() && uri("s") == Some(*value), "an odd namespace")?;
        } else if let Some(prefix) = key.strip_prefix("xmlns:") {
            must(uri(prefix) == Some(*value), "an odd namespace")?;
        } else {
            must(names.attributes.contains(*key), "an attribute that is not ours")?;
        }
        if *key == "w:instr" {
            field(value)?;
        }
    }
    Ok(())
}

fn uri(prefix: &str) -> Option<&'static str> {
    SPACES.iter().find(|it| it.0 == prefix).map(|it| it.1)
}

/// An instruction: one of our verbs; a jump stays within the document.
fn field(text: &str) -> Verdict {
    let mut words = text.split_whitespace();
    let verb = words.next().unwrap_or_default();
    must(FIELDS.contains(&verb), "a field that is not ours")?;
    must(verb != "HYPERLINK" || words.next() == Some("\\l"), "a field that leads out")
}

/// A formula: calls of our functions only, no topics, no other workbooks.
fn formula(text: &str) -> Verdict {
    let names = names();
    let outside: String = text.split("&quot;").step_by(2).collect::<Vec<_>>().join("\"\"");
    let plain: String = outside.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    must(!plain.contains('|'), "a formula with a topic")?;
    let lower = text.to_ascii_lowercase();
    must(![".xls", "://", "\\\\"].iter().any(|it| lower.contains(it)), "a formula that leads out")?;
    let calls = plain.match_indices('(').all(|(at, _)| {
        let name = plain[..at]
            .rsplit(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.')))
            .next();
        let upper = name.unwrap_or_default().to_uppercase();
        let bare =
            ["_XLFN._XLWS.", "_XLFN.", "_XLWS."].iter().find_map(|it| upper.strip_prefix(it));
        let bare = bare.unwrap_or(&upper);
        bare.is_empty() || names.functions.contains(bare)
    });
    must(calls, "a function that is not ours")
}

const BOXES: [&str; 15] = [
    "xml",
    "v:shapetype",
    "v:stroke",
    "v:path",
    "v:shape",
    "v:fill",
    "v:shadow",
    "v:textbox",
    "x:ClientData",
    "x:MoveWithCells",
    "x:SizeWithCells",
    "x:Anchor",
    "x:AutoFill",
    "x:Row",
    "x:Column",
];
const BOX_ATTRIBUTES: [&str; 18] = [
    "xmlns:v",
    "xmlns:o",
    "xmlns:x",
    "id",
    "coordsize",
    "o:spt",
    "path",
    "joinstyle",
    "gradientshapeok",
    "o:connecttype",
    "type",
    "style",
    "fillcolor",
    "o:insetmode",
    "color2",
    "color",
    "obscured",
    "ObjectType",
];

/// The boxes of notes on cells, where only numbers vary.
pub(super) fn boxes(data: &[u8]) -> Verdict {
    let head = data.starts_with(b"<xml xmlns:v=\"urn:schemas-microsoft-com:vml\"");
    must(head, "a box that is not ours")?;
    let see = |start: &Start<'_>| {
        must(BOXES.contains(&start.name), "a box that is not ours")?;
        let fits = |it: &(&str, &str)| {
            BOX_ATTRIBUTES.contains(&it.0) && (it.0 != "ObjectType" || it.1 == "Note")
        };
        must(start.attributes.iter().all(fits), "a box that is not ours")
    };
    let hear = |_: &str, text: &str| {
        let numbers = text.bytes().all(|it| it.is_ascii_digit() || it == b',');
        must(numbers || text == "False", "words in a box")
    };
    xml::walk(data, false, see, hear)
}
