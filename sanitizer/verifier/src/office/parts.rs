//! Which parts there may be, of which type, and who refers to whom.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::Family;
use super::markup::Use;
use crate::refusal::{Refusal, Verdict, must};
use crate::xml::{self, See, Start};
use crate::zip::Member;

/// Where the types of all parts stand.
pub(super) const TYPES: &str = "[Content_Types].xml";
/// Where everything starts.
pub(super) const START: &str = "_rels/.rels";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
const DEFAULTS: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
    <Default Extension=\"png\" ContentType=\"image/png\"/>\
    <Default Extension=\"jpg\" ContentType=\"image/jpeg\"/>\
    <Default Extension=\"vml\" ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/>";

/// A sort of part.
pub(super) struct Sort {
    /// Its name, `#` for its number.
    name: &'static str,
    /// What refers to it calls it so.
    word: &'static str,
    /// Its type, after `application/vnd.openxmlformats-officedocument.`.
    media: &'static str,
    /// The name of its root, and the rules of it.
    pub(super) root: (&'static str, &'static str),
    pub(super) spaces: &'static str,
    /// Words of references no element of it has the id of, each once at most;
    /// with `!` just once.
    silent: &'static str,
}

const STORY: &str = "w r m wp a pic c wps wpg mc v";

const fn sort(
    name: &'static str,
    word: &'static str,
    media: &'static str,
    root: (&'static str, &'static str),
    spaces: &'static str,
    silent: &'static str,
) -> Sort {
    Sort { name, word, media, root, spaces, silent }
}

#[rustfmt::skip]
static SORTS: [Sort; 37] = [
    sort("word/document.xml", "officeDocument", "wordprocessingml.document.main", ("w:document", "w:document"), STORY,
        "styles settings! numbering fontTable theme footnotes endnotes comments"),
    sort("word/styles.xml", "styles", "wordprocessingml.styles", ("w:styles", "w:styles"), "w a r", ""),
    sort("word/settings.xml", "settings", "wordprocessingml.settings", ("w:settings", "w:settings"), "w a r", ""),
    sort("word/numbering.xml", "numbering", "wordprocessingml.numbering", ("w:numbering", "w:numbering"), "w a r", ""),
    sort("word/fontTable.xml", "fontTable", "wordprocessingml.fontTable", ("w:fonts", "w:fonts"), "w a r", ""),
    sort("word/header#.xml", "header", "wordprocessingml.header", ("w:hdr", "w:story"), STORY, ""),
    sort("word/footer#.xml", "footer", "wordprocessingml.footer", ("w:ftr", "w:story"), STORY, ""),
    sort("word/footnotes.xml", "footnotes", "wordprocessingml.footnotes", ("w:footnotes", "w:footnotes"), STORY, ""),
    sort("word/comments.xml", "comments", "wordprocessingml.comments", ("w:comments", "w:comments"), STORY, ""),
    sort("word/endnotes.xml", "endnotes", "wordprocessingml.endnotes", ("w:endnotes", "w:endnotes"), STORY, ""),
    sort("word/theme/theme1.xml", "theme", "theme", ("a:theme", "a:theme"), "a r", ""),
    sort("xl/theme/theme1.xml", "theme", "theme", ("a:theme", "a:theme"), "a r", ""),
    sort("ppt/theme/theme#.xml", "theme", "theme", ("a:theme", "a:theme"), "a r", ""),
    sort("word/charts/chart#.xml", "chart", "drawingml.chart", ("c:chartSpace", "c:chartSpace"), "c a r", ""),
    sort("xl/charts/chart#.xml", "chart", "drawingml.chart", ("c:chartSpace", "c:chartSpace"), "c a r", ""),
    sort("ppt/charts/chart#.xml", "chart", "drawingml.chart", ("c:chartSpace", "c:chartSpace"), "c a r", ""),
    sort("word/media/image#", "image", "", ("", ""), "", ""),
    sort("xl/media/image#", "image", "", ("", ""), "", ""),
    sort("ppt/media/image#", "image", "", ("", ""), "", ""),
    sort("xl/workbook.xml", "officeDocument", "spreadsheetml.sheet.main", ("s:workbook", "s:book"), "s r", "theme styles sharedStrings"),
    sort("xl/styles.xml", "styles", "spreadsheetml.styles", ("s:styleSheet", "s:styleSheet"), "s a r", ""),
    sort("xl/sharedStrings.xml", "sharedStrings", "spreadsheetml.sharedStrings", ("s:sst", "s:sst"), "s", ""),
    sort("xl/worksheets/sheet#.xml", "worksheet", "spreadsheetml.worksheet", ("s:worksheet", "s:worksheet"), "s r", "comments"),
    sort("xl/chartsheets/sheet#.xml", "chartsheet", "spreadsheetml.chartsheet", ("s:chartsheet", "s:chartsheet"), "s r", ""),
    sort("xl/drawings/drawing#.xml", "drawing", "drawing", ("xdr:wsDr", "xdr:wsDr"), "xdr a r c", ""),
    sort("xl/drawings/vmlDrawing#.vml", "vmlDrawing", "", ("", ""), "", ""),
    sort("xl/comments#.xml", "comments", "spreadsheetml.comments", ("s:comments", "s:comments"), "s", ""),
    sort("xl/tables/table#.xml", "table", "spreadsheetml.table", ("s:table", "s:table"), "s a r", ""),
    sort("ppt/presentation.xml", "officeDocument", "presentationml.presentation.main", ("p:presentation", "p:deck"), "p a r c", "theme! tableStyles commentAuthors"),
    sort("ppt/slideMasters/slideMaster#.xml", "slideMaster", "presentationml.slideMaster", ("p:sldMaster", "p:master"), "p a r c", "theme!"),
    sort("ppt/slideLayouts/slideLayout#.xml", "slideLayout", "presentationml.slideLayout", ("p:sldLayout", "p:sldLayout"), "p a r c", "slideMaster!"),
    sort("ppt/slides/slide#.xml", "slide", "presentationml.slide", ("p:sld", "p:sld"), "p a r c", "slideLayout! notesSlide comments"),
    sort("ppt/notesMasters/notesMaster1.xml", "notesMaster", "presentationml.notesMaster", ("p:notesMaster", "p:notesMaster"), "p a r c", "theme!"),
    sort("ppt/notesSlides/notesSlide#.xml", "notesSlide", "presentationml.notesSlide", ("p:notes", "p:notes"), "p a r c", "notesMaster! slide!"),
    sort("ppt/comments/comment#.xml", "comments", "presentationml.comments", ("p:cmLst", "p:cmLst"), "p", ""),
    sort("ppt/commentAuthors.xml", "commentAuthors", "presentationml.commentAuthors", ("p:cmAuthorLst", "p:cmAuthorLst"), "p", ""),
    sort("ppt/tableStyles.xml", "tableStyles", "presentationml.tableStyles", ("a:tblStyleLst", "a:tblStyleLst"), "a r", ""),
];

/// The sort of a part, and its number when it has one.
pub(super) fn sort_of(name: &str) -> Option<(&'static Sort, usize)> {
    SORTS.iter().find_map(|sort| Some((sort, number(name, sort.name)?)))
}

/// The number in a name; 0 when the pattern has none.
fn number(name: &str, pattern: &str) -> Option<usize> {
    let Some((before, after)) = pattern.split_once('#') else {
        return (name == pattern).then_some(0);
    };
    let rest = name.strip_prefix(before)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, ending) = rest.split_at(digits);
    let ends = if after.is_empty() { matches!(ending, ".png" | ".jpg") } else { ending == after };
    (ends && !number.starts_with('0')).then(|| number.parse().ok()).flatten()
}

/// A reference of a part.
pub(super) struct Reference {
    word: String,
    /// The name of a part, or an address outside.
    target: String,
    outside: bool,
}

/// The list of types is the one of these parts.
pub(super) fn types(members: &[Member]) -> Verdict {
    let list = members.first().ok_or(Refusal::of("no list of types"))?;
    let mut wanted = format!("{HEAD}{DEFAULTS}");
    for member in members.iter().skip(1).filter(|it| it.name.ends_with(".xml")) {
        let (sort, _) = sort_of(&member.name).ok_or(Refusal::of("a part that is not ours"))?;
        let _ = write!(
            wanted,
            "<Override PartName=\"/{}\" ContentType=\"application/vnd.openxmlformats-officedocument.{}+xml\"/>",
            member.name, sort.media
        );
    }
    wanted.push_str("</Types>");
    must(list.data == wanted.as_bytes(), "parts and types disagree")
}

/// Follows all references from the start; every part is reached, and every
/// list of references stands behind its part.
pub(super) fn references(
    family: Family,
    members: &[Member],
    uses: &HashMap<&str, Vec<Use>>,
) -> Verdict {
    let places: HashMap<&str, usize> =
        members.iter().enumerate().map(|(at, it)| (it.name.as_str(), at)).collect();
    let start = members.get(1).filter(|it| it.name == START).ok_or(Refusal::of("no start"))?;
    let start = list("", &start.data)?;
    must(start.len() == 1 && start[0].target == family.main(), "another start")?;
    let mut reached: HashSet<String> = [TYPES.to_owned(), START.to_owned()].into();
    let mut waiting = vec![start[0].target.clone()];
    while let Some(name) = waiting.pop() {
        let at = *places.get(name.as_str()).ok_or(Refusal::of("a reference to nothing"))?;
        if !reached.insert(name.clone()) {
            continue;
        }
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", &name));
        let relations = format!("{folder}/_rels/{file}.rels");
        let own = members.get(at + 1).filter(|it| it.name == relations);
        let found = own.map(|it| list(&name, &it.data)).transpose()?;
        must(found.as_ref().is_none_or(|it| !it.is_empty()), "an empty list of references")?;
        let found = found.unwrap_or_default();
        all_used(&name, &found, uses.get(name.as_str()).map_or(&[], Vec::as_slice))?;
        reached.extend(own.map(|it| it.name.clone()));
        waiting.extend(found.into_iter().filter(|it| !it.outside).map(|it| it.target));
    }
    must(places.keys().all(|it| reached.contains(*it)), "a part nothing leads to")
}

impl Family {
    const fn main(self) -> &'static str {
        match self {
            Self::Word => "word/document.xml",
            Self::Sheet => "xl/workbook.xml",
            Self::Slides => "ppt/presentation.xml",
        }
    }
}

/// Ids lead to references of the right word; a reference no id leads to is one
/// of those the part has in silence.
fn all_used(part: &str, found: &[Reference], uses: &[Use]) -> Verdict {
    let mut used = vec![false; found.len()];
    for (id, words) in uses {
        let number: usize = id.strip_prefix("rId").and_then(|it| it.parse().ok()).unwrap_or(0);
        let at = number.checked_sub(1).filter(|it| *it < found.len());
        let at = at.ok_or(Refusal::of("an id of no reference"))?;
        must(words.contains(&found[at].word), "a reference of another kind")?;
        used[at] = true;
    }
    let silent = sort_of(part).map_or("", |it| it.0.silent);
    let mut silent: Vec<&str> = silent.split(' ').collect();
    for (reference, _) in found.iter().zip(used).filter(|it| !it.1) {
        let at = silent.iter().position(|it| it.trim_end_matches('!') == reference.word);
        silent.remove(at.ok_or(Refusal::of("a reference nothing uses"))?);
    }
    must(!silent.iter().any(|it| it.ends_with('!')), "a reference is missing")
}

/// A list of references, which is written again and compared.
fn list(from: &str, data: &[u8]) -> Result<Vec<Reference>, Refusal> {
    let mut reader = Reader { from, found: Vec::new() };
    xml::walk(data, &mut reader)?;
    let mut again = format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    let mut known = HashSet::new();
    for (at, it) in reader.found.iter().enumerate() {
        must(known.insert(&it.target), "a reference twice")?;
        let _ = write!(again, "<Relationship Id=\"rId{}\" Type=\"{RELATIONS}{}\"", at + 1, it.word);
        let _ = if it.outside {
            write!(
                again,
                " Target=\"{}\" TargetMode=\"External\"/>",
                it.target.replace('&', "&amp;")
            )
        } else {
            write!(again, " Target=\"{}\"/>", seen_from(from, &it.target))
        };
    }
    again.push_str("</Relationships>");
    must(again.as_bytes() == data, "an odd list of references")?;
    Ok(reader.found)
}

struct Reader<'r> {
    from: &'r str,
    found: Vec<Reference>,
}

impl See for Reader<'_> {
    fn start(&mut self, start: &Start<'_>) -> Verdict {
        if start.name == "Relationships" {
            return Ok(());
        }
        must(start.name == "Relationship", "an odd list of references")?;
        let odd = Refusal::of("an odd reference");
        let word = start.value("Type").and_then(|it| it.strip_prefix(RELATIONS)).ok_or(odd)?;
        let target = start.value("Target").ok_or(odd)?;
        let outside = word == "hyperlink";
        let target = if outside {
            must(is_web(target), "a link that is not ours")?;
            target.to_owned()
        } else {
            let part = resolve(self.from, target)?;
            let fits = sort_of(&part).is_some_and(|it| it.0.word == word);
            must(fits, "a reference to an odd part")?;
            part
        };
        self.found.push(Reference { word: word.to_owned(), target, outside });
        Ok(())
    }

    fn text(&mut self, _: &str) -> Verdict {
        Err(Refusal::of("text among references"))
    }

    fn end(&mut self) -> Verdict {
        Ok(())
    }
}

fn is_web(target: &str) -> bool {
    let lower = target.to_ascii_lowercase();
    ["http://", "https://", "mailto:"].iter().any(|it| lower.starts_with(it))
        && target.bytes().all(|it| it.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&it))
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

/// The shortest way from one part to another.
fn seen_from(from: &str, to: &str) -> String {
    let own: Vec<&str> = from.split('/').collect();
    let other: Vec<&str> = to.split('/').collect();
    let folders = own.len().saturating_sub(1);
    let shared = own[..folders].iter().zip(&other).take_while(|(a, b)| a == b).count();
    format!("{}{}", "../".repeat(folders - shared), other[shared..].join("/"))
}
