//! The cells of a workbook (XLSX) that a clerk sends. Only what a definition needs is read: names of
//! sheets, shared strings, values. Everything is counted while it is unpacked, and nothing of a
//! formula, a macro or a link is looked at (decision 0070).

use std::io::{Cursor, Read as _};

use domain::forms::workbook::Sheet;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;

/// Why bytes are no workbook that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::procedures) enum NotWorkbook {
    /// No XLSX at all, an old one, or one under a password.
    Other,
    /// Cut or damaged.
    Broken,
    /// Larger than a definition can be.
    TooLarge,
}

/// Bytes of all parts together, unpacked.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Sheets of a workbook.
const MOST_SHEETS: usize = 64;
/// Lines of a sheet: the longest list, with its heading.
const MOST_ROWS: usize = 40_000;
/// Columns of a sheet.
const MOST_COLUMNS: usize = 256;
/// Filled cells of a workbook.
const MOST_CELLS: usize = 500_000;

/// Whether bytes begin as a ZIP does.
pub(in crate::procedures) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads every sheet.
///
/// # Errors
/// [`NotWorkbook`]; nothing is kept then.
pub(in crate::procedures) fn read(bytes: &[u8]) -> Result<Vec<Sheet>, NotWorkbook> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| NotWorkbook::Broken)?;
    let mut parts = Parts { archive, left: MOST_BYTES };
    let workbook = parts.text("xl/workbook.xml")?.ok_or(NotWorkbook::Other)?;
    let targets = parts.text("xl/_rels/workbook.xml.rels")?.ok_or(NotWorkbook::Broken)?;
    let targets = relations(&targets)?;
    let strings = match parts.text("xl/sharedStrings.xml")? {
        Some(strings) => shared(&strings)?,
        None => Vec::new(),
    };
    let mut cells_left = MOST_CELLS;
    let mut sheets = Vec::new();
    for (name, id) in sheet_names(&workbook)? {
        if sheets.len() == MOST_SHEETS {
            return Err(NotWorkbook::TooLarge);
        }
        let target = targets.iter().find(|(known, _)| *known == id);
        let target = &target.ok_or(NotWorkbook::Broken)?.1;
        let path = match target.strip_prefix('/') {
            Some(whole) => whole.to_owned(),
            None => format!("xl/{target}"),
        };
        let text = parts.text(&path)?.ok_or(NotWorkbook::Broken)?;
        let rows = rows(&text, &strings, &mut cells_left)?;
        sheets.push(Sheet { name, rows, offers: Vec::new() });
    }
    Ok(sheets)
}

/// The parts of the file, unpacked one by one and counted.
struct Parts<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    left: u64,
}

impl Parts<'_> {
    /// A part as text; `None` when there is none of this name.
    fn text(&mut self, name: &str) -> Result<Option<String>, NotWorkbook> {
        let Some(at) = self.archive.index_for_name(name) else { return Ok(None) };
        let part = self.archive.by_index(at).map_err(|_| NotWorkbook::Broken)?;
        let mut text = Vec::new();
        let read = part.take(self.left + 1).read_to_end(&mut text);
        let read = read.map_err(|_| NotWorkbook::Broken)? as u64;
        self.left = self.left.checked_sub(read).ok_or(NotWorkbook::TooLarge)?;
        String::from_utf8(text).map(Some).map_err(|_| NotWorkbook::Broken)
    }
}

/// One step through a part.
enum Step {
    Open(String, Vec<(String, String)>),
    Close(String),
    Text(String),
    End,
}

struct Walk<'x>(quick_xml::Reader<&'x [u8]>);

impl<'x> Walk<'x> {
    fn through(xml: &'x str) -> Self {
        let mut reader = quick_xml::Reader::from_str(xml);
        reader.config_mut().expand_empty_elements = true;
        Self(reader)
    }

    fn step(&mut self) -> Result<Step, NotWorkbook> {
        loop {
            return Ok(match self.0.read_event().map_err(|_| NotWorkbook::Broken)? {
                Event::Start(tag) => {
                    Step::Open(tag.local_name().as_ref().to_owned(), attributes(&tag)?)
                }
                Event::End(tag) => Step::Close(tag.local_name().as_ref().to_owned()),
                Event::Text(it) => Step::Text(it.xml10_content().into_owned()),
                Event::CData(it) => Step::Text(it.xml10_content().into_owned()),
                Event::GeneralRef(it) => Step::Text(character(&it)?.to_string()),
                Event::Eof => Step::End,
                // A document type could define characters of its own; no workbook has one.
                Event::DocType(_) => return Err(NotWorkbook::Broken),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            });
        }
    }
}

fn attributes(tag: &BytesStart<'_>) -> Result<Vec<(String, String)>, NotWorkbook> {
    let mut all = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| NotWorkbook::Broken)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|_| NotWorkbook::Broken)?.into_owned();
        // A declaration of a namespace is no attribute of the element.
        let (local, prefix) = attribute.key.decompose();
        if prefix.as_ref().map(AsRef::as_ref) != Some("xmlns") {
            all.push((local.as_ref().to_owned(), value));
        }
    }
    Ok(all)
}

fn character(reference: &BytesRef<'_>) -> Result<char, NotWorkbook> {
    if reference.is_char_ref() {
        let resolved = reference.resolve_char_ref().map_err(|_| NotWorkbook::Broken)?;
        return resolved.ok_or(NotWorkbook::Broken);
    }
    match reference.xml10_content().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(NotWorkbook::Broken),
    }
}

fn value<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Names of the sheets with the ids of their parts, in order.
fn sheet_names(workbook: &str) -> Result<Vec<(String, String)>, NotWorkbook> {
    let mut walk = Walk::through(workbook);
    let mut names = Vec::new();
    loop {
        match walk.step()? {
            Step::Open(name, attributes) if name == "sheet" => {
                // `sheetId` is a number of Excel's own; the part is named by `r:id`.
                let id = value(&attributes, "id").ok_or(NotWorkbook::Broken)?;
                let name = value(&attributes, "name").ok_or(NotWorkbook::Broken)?;
                names.push((name.to_owned(), id.to_owned()));
            }
            Step::End => return Ok(names),
            Step::Open(..) | Step::Close(_) | Step::Text(_) => {}
        }
    }
}

/// Ids of parts with their places.
fn relations(part: &str) -> Result<Vec<(String, String)>, NotWorkbook> {
    let mut walk = Walk::through(part);
    let mut found = Vec::new();
    loop {
        match walk.step()? {
            Step::Open(name, attributes) if name == "Relationship" => {
                let of = |name| value(&attributes, name).unwrap_or_default().to_owned();
                found.push((of("Id"), of("Target")));
            }
            Step::End => return Ok(found),
            Step::Open(..) | Step::Close(_) | Step::Text(_) => {}
        }
    }
}

/// The strings that cells share, without the readings (ふりがな) Excel keeps beside them.
fn shared(part: &str) -> Result<Vec<String>, NotWorkbook> {
    let mut walk = Walk::through(part);
    let mut strings: Vec<String> = Vec::new();
    loop {
        match walk.step()? {
            Step::Open(name, _) if name == "si" => strings.push(string(&mut walk, "si")?),
            Step::End => return Ok(strings),
            Step::Open(..) | Step::Close(_) | Step::Text(_) => {}
        }
    }
}

/// The text of an element that was opened, to its end.
fn string(walk: &mut Walk<'_>, of: &str) -> Result<String, NotWorkbook> {
    let (mut text, mut in_text, mut reading) = (String::new(), false, 0_u32);
    loop {
        match walk.step()? {
            Step::Open(name, _) if name == "rPh" => reading += 1,
            Step::Close(name) if name == "rPh" => reading = reading.saturating_sub(1),
            Step::Open(name, _) if name == "t" => in_text = true,
            Step::Close(name) if name == "t" => in_text = false,
            Step::Close(name) if name == of => return Ok(unescaped(&text)),
            Step::Text(piece) if in_text && reading == 0 => text.push_str(&piece),
            Step::End => return Err(NotWorkbook::Broken),
            Step::Open(..) | Step::Close(_) | Step::Text(_) => {}
        }
    }
}

/// The lines of a sheet, as wide as their last filled cell.
fn rows(
    part: &str,
    strings: &[String],
    cells_left: &mut usize,
) -> Result<Vec<Vec<String>>, NotWorkbook> {
    let mut walk = Walk::through(part);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut next_row, mut next_column) = (0, 0);
    loop {
        match walk.step()? {
            Step::Open(name, attributes) if name == "row" => {
                if let Some(number) = value(&attributes, "r") {
                    let number: usize = number.parse().map_err(|_| NotWorkbook::Broken)?;
                    next_row = number.checked_sub(1).ok_or(NotWorkbook::Broken)?;
                }
                next_column = 0;
            }
            Step::Close(name) if name == "row" => next_row += 1,
            Step::Open(name, attributes) if name == "c" => {
                let (row, column) = match value(&attributes, "r") {
                    Some(place) => place_of(place).ok_or(NotWorkbook::Broken)?,
                    None => (next_row, next_column),
                };
                next_column = column + 1;
                let kind = value(&attributes, "t").unwrap_or("n").to_owned();
                let text = cell(&mut walk, &kind, strings)?;
                if text.is_empty() {
                    continue;
                }
                if row >= MOST_ROWS || column >= MOST_COLUMNS {
                    return Err(NotWorkbook::TooLarge);
                }
                *cells_left = cells_left.checked_sub(1).ok_or(NotWorkbook::TooLarge)?;
                if rows.len() <= row {
                    rows.resize(row + 1, Vec::new());
                }
                let line = &mut rows[row];
                if line.len() <= column {
                    line.resize(column + 1, String::new());
                }
                line[column] = text;
            }
            Step::End => return Ok(rows),
            Step::Open(..) | Step::Close(_) | Step::Text(_) => {}
        }
    }
}

/// What a cell shows: its stored value, never its formula.
fn cell(walk: &mut Walk<'_>, kind: &str, strings: &[String]) -> Result<String, NotWorkbook> {
    let (mut stored, mut inline, mut in_value) = (String::new(), String::new(), false);
    loop {
        match walk.step()? {
            Step::Open(name, _) if name == "v" => in_value = true,
            Step::Close(name) if name == "v" => in_value = false,
            Step::Open(name, _) if name == "is" => inline = string(walk, "is")?,
            Step::Text(piece) if in_value => stored.push_str(&piece),
            Step::Close(name) if name == "c" => break,
            Step::End => return Err(NotWorkbook::Broken),
            Step::Open(..) | Step::Close(_) | Step::Text(_) => {}
        }
    }
    match kind {
        "s" if stored.is_empty() => Ok(stored),
        "s" => {
            let at: usize = stored.trim().parse().map_err(|_| NotWorkbook::Broken)?;
            strings.get(at).cloned().ok_or(NotWorkbook::Broken)
        }
        "inlineStr" => Ok(inline),
        "b" => Ok(if stored.trim() == "1" { "true" } else { "false" }.to_owned()),
        "str" => Ok(unescaped(&stored)),
        _ => Ok(stored.trim().to_owned()),
    }
}

/// `B3` is line 2, column 1, both from 0.
fn place_of(place: &str) -> Option<(usize, usize)> {
    let digits = place.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = place.split_at(digits);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters.bytes().try_fold(0_usize, |sum, letter| {
        let letter = letter.to_ascii_uppercase();
        letter.is_ascii_uppercase().then(|| sum * 26 + usize::from(letter - b'A') + 1)
    })?;
    Some((row.parse::<usize>().ok()?.checked_sub(1)?, column - 1))
}

/// `_x000D_` stands for a character XML would not keep.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6).filter(|code| {
            code.bytes().all(|b| b.is_ascii_hexdigit()) && rest[at + 6..].starts_with('_')
        });
        let character = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let until = if character.is_some() { at } else { at + 2 };
        out.push_str(&rest[..until]);
        rest = &rest[until..];
        if let Some(character) = character {
            out.extend(char::from_u32(character));
            rest = &rest[7..];
        }
    }
    out.push_str(rest);
    // Excel ends lines of a cell with a line feed; others may not.
    out.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).expect("begun");
            zip.write_all(text.as_bytes()).expect("written");
        }
        zip.finish().expect("finished").into_inner()
    }

    const WORKBOOK: &str = r#"<workbook xmlns:r="x"><sheets><sheet name="手続" sheetId="4" r:id="rId1"/></sheets></workbook>"#;
    const TARGETS: &str = r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>"#;

    fn with(sheet: &str, strings: &str) -> Result<Vec<Sheet>, NotWorkbook> {
        read(&packed(&[
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", TARGETS),
            ("xl/sharedStrings.xml", strings),
            ("xl/worksheets/sheet1.xml", sheet),
        ]))
    }

    /// NF-37: cells as Excel stores them, without its readings and formulas.
    #[test]
    fn cells_are_read_as_people_see_them() {
        let strings = "<sst><si><t>東京</t><rPh><t>トウキョウ</t></rPh></si>\
                       <si><r><t>a&amp;</t></r><r><t>b_x000D_\n_x005F_</t></r></si></sst>";
        let sheet = r#"<worksheet><sheetData><row r="2"><c r="B2" t="s"><v>0</v></c>
            <c r="C2" t="s"><v>1</v></c><c t="inlineStr"><is><t>中</t></is></c><c r="E2"><v>3</v></c>
            <c r="F2" t="b"><v>1</v></c><c r="G2" t="str"><f>1+1</f><v>2</v></c><c r="H2"/></row>
            <row><c><v>9</v></c></row></sheetData></worksheet>"#;
        let sheets = with(sheet, strings).expect("it reads");
        assert_eq!(sheets[0].name, "手続");
        let line = ["", "東京", "a&b\n_", "中", "3", "true", "2"].map(str::to_owned);
        assert_eq!(sheets[0].rows, [vec![], line.to_vec(), vec!["9".to_owned()]]);
    }

    /// NF-37: what is cut, damaged or blown up is refused and costs little.
    #[test]
    fn broken_and_huge_workbooks_are_refused() {
        let good = with("<worksheet/>", "<sst/>").expect("it reads");
        assert_eq!(good[0].rows, Vec::<Vec<String>>::new());
        for (sheet, why) in [
            (r#"<w><row r="1"><c r="A1048576"><v>1</v></c></row></w>"#, NotWorkbook::TooLarge),
            (r#"<w><row r="1"><c r="XFD1"><v>1</v></c></row></w>"#, NotWorkbook::TooLarge),
            (r#"<w><row r="1"><c r="A1" t="s"><v>7</v></c></row></w>"#, NotWorkbook::Broken),
            (r#"<w><row r="0"><c><v>1</v></c></row></w>"#, NotWorkbook::Broken),
            ("<w><row><c><v>1</v>", NotWorkbook::Broken),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><w>&b;</w>", NotWorkbook::Broken),
        ] {
            assert_eq!(with(sheet, "<sst/>"), Err(why), "{sheet}");
        }
        let blown = "x".repeat(usize::try_from(MOST_BYTES).expect("it fits") + 1);
        assert_eq!(with("<w/>", &blown), Err(NotWorkbook::TooLarge));
        assert_eq!(read(&packed(&[("a", "b")])), Err(NotWorkbook::Other));
        let mut cut = packed(&[("xl/workbook.xml", WORKBOOK)]);
        cut.truncate(cut.len() - 10);
        assert_eq!(read(&cut), Err(NotWorkbook::Broken));
        assert!(is_zip(&cut) && !is_zip(b"{}"));
    }
}
