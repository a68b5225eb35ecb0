//! Which parts there may be, and who refers to whom.

use std::collections::{HashMap, HashSet};

use super::Family;
use crate::refusal::{Refusal, Verdict, must};
use crate::xml;
use crate::zip::Member;

/// Where the types of all parts stand.
pub(super) const TYPES: &str = "[Content_Types].xml";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

/// Last words of types of references, and the folder and stem of their parts.
const KNOWN: &[(&str, &[&str])] = &[
    ("officeDocument", &["word/document", "xl/workbook", "ppt/presentation"]),
    ("styles", &["word/styles", "xl/styles"]),
    ("theme", &["word/theme/theme", "xl/theme/theme", "ppt/theme/theme"]),
    ("settings", &["word/settings"]),
    ("numbering", &["word/numbering"]),
    ("fontTable", &["word/fontTable"]),
    ("header", &["word/header"]),
    ("footer", &["word/footer"]),
    ("footnotes", &["word/footnotes"]),
    ("endnotes", &["word/endnotes"]),
    ("image", &["word/media/image", "xl/media/image", "ppt/media/image"]),
    ("chart", &["word/charts/chart", "xl/charts/chart", "ppt/charts/chart"]),
    ("worksheet", &["xl/worksheets/sheet"]),
    ("chartsheet", &["xl/chartsheets/sheet"]),
    ("sharedStrings", &["xl/sharedStrings"]),
    ("drawing", &["xl/drawings/drawing"]),
    ("table", &["xl/tables/table"]),
    ("comments", &["xl/comments"]),
    ("vmlDrawing", &["xl/drawings/vmlDrawing"]),
    ("slideMaster", &["ppt/slideMasters/slideMaster"]),
    ("slideLayout", &["ppt/slideLayouts/slideLayout"]),
    ("slide", &["ppt/slides/slide"]),
    ("notesMaster", &["ppt/notesMasters/notesMaster"]),
    ("notesSlide", &["ppt/notesSlides/notesSlide"]),
    ("tableStyles", &["ppt/tableStyles"]),
];

impl Family {
    const fn main(self) -> &'static str {
        match self {
            Self::Word => "word/document.xml",
            Self::Sheet => "xl/workbook.xml",
            Self::Slides => "ppt/presentation.xml",
        }
    }
}

/// The list of types names every part once, and no type that runs.
pub(super) fn types(members: &[Member]) -> Verdict {
    let list = members.first().ok_or(Refusal::of("no list of types"))?;
    let mut named = HashSet::new();
    let see = |start: &xml::Start<'_>| {
        let kind = start.value("ContentType").unwrap_or_default();
        match start.name {
            "Types" => Ok(()),
            "Default" => {
                must(is_default(start.value("Extension"), kind), "a type that is not ours")
            }
            "Override" => {
                let ours = kind.starts_with("application/vnd.openxmlformats-officedocument.")
                    && kind.ends_with("+xml");
                must(ours, "a type that is not ours")?;
                let part = start.value("PartName").unwrap_or_default();
                must(named.insert(part.to_owned()), "a part with two types")
            }
            _ => Err(Refusal::of("an odd list of types")),
        }
    };
    xml::walk(&list.data, true, see, |_, _| Err(Refusal::of("text among types")))?;
    let wanted = members.iter().skip(1).filter(|it| it.name.ends_with(".xml"));
    let wanted: HashSet<String> = wanted.map(|it| format!("/{}", it.name)).collect();
    must(named == wanted, "parts and types disagree")
}

fn is_default(extension: Option<&str>, kind: &str) -> bool {
    matches!(
        (extension, kind),
        (Some("rels"), "application/vnd.openxmlformats-package.relationships+xml")
            | (Some("xml"), "application/xml")
            | (Some("png"), "image/png")
            | (Some("jpg"), "image/jpeg")
            | (Some("vml"), "application/vnd.openxmlformats-officedocument.vmlDrawing")
    )
}

/// Follows all references from the start; every part is reached.
pub(super) fn references(family: Family, parts: &HashMap<&str, &Member>) -> Verdict {
    let mut reached: HashSet<String> = [TYPES.to_owned(), "_rels/.rels".to_owned()].into();
    let start = parts.get("_rels/.rels").ok_or(Refusal::of("no start"))?;
    let mut waiting = list("", &start.data)?;
    must(waiting == [family.main()], "another start")?;
    // Pictures and charts that nothing shows are written all the same.
    waiting.extend(parts.keys().filter(|it| is_spare(it)).map(|it| (*it).to_owned()));
    while let Some(name) = waiting.pop() {
        must(parts.contains_key(name.as_str()), "a reference to nothing")?;
        if !reached.insert(name.clone()) {
            continue;
        }
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", &name));
        let relations = format!("{folder}/_rels/{file}.rels");
        if let Some(member) = parts.get(relations.as_str()) {
            waiting.extend(list(&name, &member.data)?);
            reached.insert(relations);
        }
    }
    must(parts.keys().all(|it| reached.contains(*it)), "a part nothing leads to")
}

fn is_spare(name: &str) -> bool {
    KNOWN.iter().any(|(word, stems)| {
        matches!(*word, "image" | "chart" | "header" | "footer")
            && stems.iter().any(|stem| is_part(name, stem))
    })
}

/// The parts a list of references leads to.
fn list(from: &str, data: &[u8]) -> Result<Vec<String>, Refusal> {
    let mut parts = Vec::new();
    let mut number = 0;
    let see = |start: &xml::Start<'_>| {
        if start.name == "Relationships" {
            return Ok(());
        }
        must(start.name == "Relationship", "an odd list of references")?;
        number += 1;
        must(start.value("Id") == Some(format!("rId{number}").as_str()), "an odd reference")?;
        let kind = start.value("Type").and_then(|it| it.strip_prefix(RELATIONS));
        let target = start.value("Target").ok_or(Refusal::of("an odd reference"))?;
        if kind == Some("hyperlink") {
            must(start.value("TargetMode") == Some("External"), "an odd link")?;
            return must(is_web(target), "a link that is not ours");
        }
        must(start.value("TargetMode").is_none(), "a reference that leads out")?;
        let part = resolve(from, target)?;
        let stems = KNOWN.iter().find(|it| Some(it.0) == kind).map(|it| it.1);
        let stems = stems.ok_or(Refusal::of("a reference of a kind that is not ours"))?;
        must(stems.iter().any(|stem| is_part(&part, stem)), "a reference to an odd part")?;
        parts.push(part);
        Ok(())
    };
    xml::walk(data, true, see, |_, _| Err(Refusal::of("text among references")))?;
    Ok(parts)
}

fn is_web(target: &str) -> bool {
    let lower = target.to_ascii_lowercase();
    ["http://", "https://", "mailto:"].iter().any(|it| lower.starts_with(it))
        && target.bytes().all(|it| it.is_ascii_graphic())
}

/// `word/media/image` with a number and an ending.
fn is_part(name: &str, stem: &str) -> bool {
    let Some(rest) = name.strip_prefix(stem) else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    matches!(&rest[digits..], ".xml" | ".png" | ".jpg" | ".vml")
}

fn resolve(from: &str, target: &str) -> Result<String, Refusal> {
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for step in target.split('/') {
        match step {
            ".." => drop(folders.pop().ok_or(Refusal::of("a reference beyond the root"))?),
            "" | "." => return Err(Refusal::of("an odd reference")),
            step => folders.push(step),
        }
    }
    Ok(folders.join("/"))
}
