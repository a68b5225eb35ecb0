//! A spreadsheet (XLSX), written row by row to wherever bytes go. Every cell is text of its own: nothing
//! is calculated, no zero in front is lost, and no table of strings grows in memory. What a sheet cannot
//! hold goes on in another one; what a cell cannot hold is cut and named in a last sheet.

use std::fmt::Write as _;
use std::io::{self, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::site::TEXTS;

/// Media type of such a file.
pub const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Format 49 is text; nothing typed into such a cell becomes a number or a formula either.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="游ゴシック"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>"#;
const SHEET: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const CLOSE: &[u8] = b"</sheetData></worksheet>";
/// Rows of a sheet, as spreadsheets hold them.
const MOST_ROWS: u32 = 1_048_576;
/// Bytes of a sheet at which the next row begins another one: a part of the archive holds less than 4 GiB.
const MOST_BYTES: u64 = 3 << 30;
/// Characters of a cell, in units of UTF-16.
const MOST_CHARS: usize = 32_767;
/// Characters of the name of a sheet that is one of several: the rest is its number.
const NAME: usize = 22;
/// Cells that were cut and are named one by one.
const NAMED: usize = 1_000;

/// A spreadsheet that is being written.
pub struct Xlsx<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    /// Names of the sheets so far.
    sheets: Vec<String>,
    /// Rows and bytes of the last one.
    rows: u32,
    bytes: u64,
    most: (u32, u64),
    /// The row that begins every sheet.
    heading: Option<Vec<String>>,
    cuts: Vec<Cut>,
    cut: u64,
}

/// A cell whose text was too long.
struct Cut {
    /// Which sheet, from 0.
    sheet: usize,
    cell: String,
    /// Characters of the whole text.
    length: usize,
}

impl<W: Write> Xlsx<W> {
    /// Begins a file with a sheet of this name: at most 31 characters, none of `[]:*?/\\`.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn begin(out: W, sheet: &str) -> io::Result<Self> {
        Self::within(out, sheet, (MOST_ROWS, MOST_BYTES))
    }

    fn within(out: W, sheet: &str, most: (u32, u64)) -> io::Result<Self> {
        let mut zip = ZipWriter::new_stream(out);
        for (name, content) in [("_rels/.rels", ROOT), ("xl/styles.xml", STYLES)] {
            zip.start_file(name, options()).map_err(io::Error::other)?;
            zip.write_all(content.as_bytes())?;
        }
        let (sheets, cuts) = (Vec::new(), Vec::new());
        let mut new = Self { zip, sheets, rows: 0, bytes: 0, most, heading: None, cuts, cut: 0 };
        new.open(sheet.to_owned())?;
        Ok(new)
    }

    /// Adds the heading, which begins every further sheet, too.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn heading<'c>(&mut self, cells: impl Iterator<Item = &'c str>) -> io::Result<()> {
        let heading: Vec<String> = cells.map(str::to_owned).collect();
        self.put(heading.iter().map(String::as_str))?;
        self.heading = Some(heading);
        Ok(())
    }

    /// Adds a row; what is more than a sheet holds begins another sheet.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn row<'c>(&mut self, cells: impl Iterator<Item = &'c str>) -> io::Result<()> {
        if self.rows >= self.most.0 || self.bytes >= self.most.1 {
            self.zip.write_all(CLOSE)?;
            let first: String =
                self.sheets.first().into_iter().flat_map(|name| name.chars()).take(NAME).collect();
            self.open(format!("{first} ({})", self.sheets.len() + 1))?;
            if let Some(heading) = self.heading.take() {
                self.put(heading.iter().map(String::as_str))?;
                self.heading = Some(heading);
            }
        }
        self.put(cells)
    }

    fn open(&mut self, name: String) -> io::Result<()> {
        self.sheets.push(name);
        (self.rows, self.bytes) = (0, 0);
        let part = format!("xl/worksheets/sheet{}.xml", self.sheets.len());
        self.zip.start_file(part, options()).map_err(io::Error::other)?;
        self.zip.write_all(SHEET.as_bytes())
    }

    fn put<'c>(&mut self, cells: impl Iterator<Item = &'c str>) -> io::Result<()> {
        self.rows += 1;
        let row = self.rows;
        let mut text = format!("<row r=\"{row}\">");
        for (n, cell) in cells.enumerate() {
            let place = format!("{}{row}", column(n));
            let kept = fitting(cell);
            // Writing into a string cannot fail.
            let _ = write!(
                text,
                "<c r=\"{place}\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                escaped(kept)
            );
            if kept.len() < cell.len() {
                self.cut += 1;
                if self.cuts.len() < NAMED {
                    let (sheet, length) = (self.sheets.len() - 1, cell.chars().count());
                    self.cuts.push(Cut { sheet, cell: place, length });
                }
            }
        }
        text.push_str("</row>");
        self.bytes += text.len() as u64;
        self.zip.write_all(text.as_bytes())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn end(mut self) -> io::Result<W> {
        self.zip.write_all(CLOSE)?;
        if self.cut > 0 {
            self.report()?;
        }
        self.index()?;
        Ok(self.zip.finish().map_err(io::Error::other)?.into_inner())
    }

    /// The last sheet: which cells were cut.
    fn report(&mut self) -> io::Result<()> {
        let cuts = std::mem::take(&mut self.cuts);
        self.open(TEXTS.text("applications.csv.cut").to_owned())?;
        let heading = [
            TEXTS.text("applications.csv.cut_sheet"),
            TEXTS.text("applications.csv.cut_cell"),
            TEXTS.text("applications.csv.cut_length"),
        ];
        self.put(heading.into_iter())?;
        for one in &cuts {
            let (sheet, length) = (self.sheets[one.sheet].clone(), one.length.to_string());
            self.put([sheet.as_str(), one.cell.as_str(), length.as_str()].into_iter())?;
        }
        let left = self.cut.saturating_sub(cuts.len() as u64);
        if left > 0 {
            let more = TEXTS.fill("applications.csv.cut_more", &[("count", &left)]);
            self.put(std::iter::once(more.as_str()))?;
        }
        self.zip.write_all(CLOSE)
    }

    /// The parts that name the sheets: how many there are is known only now.
    fn index(&mut self) -> io::Result<()> {
        let (mut types, mut book, mut parts) = (String::new(), String::new(), String::new());
        for (name, n) in self.sheets.iter().zip(1..) {
            // Writing into a string cannot fail.
            let _ = write!(
                types,
                "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            );
            let _ =
                write!(book, "<sheet name=\"{}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>", escaped(name));
            let _ = write!(
                parts,
                "<Relationship Id=\"rId{n}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            );
        }
        let styles = self.sheets.len() + 1;
        let whole = [
            (
                "xl/workbook.xml",
                format!(
                    "{XML}<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
                     <sheets>{book}</sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{parts}\
                     <Relationship Id=\"rId{styles}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" \
                     Target=\"styles.xml\"/></Relationships>"
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                     <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                     <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
                     <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>{types}\
                     <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>"
                ),
            ),
        ];
        for (name, content) in whole {
            self.zip.start_file(name, options()).map_err(io::Error::other)?;
            self.zip.write_all(content.as_bytes())?;
        }
        Ok(())
    }
}

/// As much of a text as a cell holds.
fn fitting(text: &str) -> &str {
    // No character has more units than bytes.
    if text.len() <= MOST_CHARS {
        return text;
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > MOST_CHARS {
            return &text[..at];
        }
    }
    text
}

/// The same content gives the same bytes: no clock in the archive.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
}

/// `A` to `Z`, then `AA`.
fn column(mut n: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(n % 26).unwrap_or(0)));
        if n < 26 {
            break;
        }
        n = n / 26 - 1;
    }
    letters.into_iter().rev().collect()
}

/// Text of a cell. `_x0041_` would be read as the character of that number, so its first underscore
/// is written as one.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("_x000D_"),
            // What no XML may hold: the file would be one that nobody can open.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "_x{:04X}_", u32::from(c));
            }
            '_' if is_escape(&text[at..]) => out.push_str("_x005F_"),
            _ => out.push(c),
        }
    }
    out
}

fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[1] == b'x'
        && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
        && bytes[6] == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        let names = [0, 25, 26, 51, 52, 701, 702].map(column);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    /// IK-2.1.2d1: a cell is text whatever stands in it, and the same content gives the same bytes.
    #[test]
    fn a_sheet_holds_text_alone() {
        let cells = ["=1+1", "007", "_x0041_", "<b>&\"", "葛\u{E0100}城𠮷\n二行目"];
        let [bytes, again] = [(), ()].map(|()| {
            let mut sheet = Xlsx::begin(Vec::new(), "一覧").expect("begun");
            sheet.row(["h"; 5].into_iter()).expect("written");
            sheet.row(cells.into_iter()).expect("written");
            sheet.end().expect("written")
        });
        assert_eq!(bytes, again);
        let mut zip = zip::ZipArchive::new(io::Cursor::new(bytes)).expect("an archive");
        let sheet = io::read_to_string(zip.by_name("xl/worksheets/sheet1.xml").expect("a sheet"));
        let sheet = sheet.expect("text");
        let second =
            "<c r=\"A2\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+1</t></is></c>";
        for part in
            [second, ">007<", ">_x005F_x0041_<", "&lt;b&gt;&amp;&quot;", "葛\u{E0100}城𠮷\n二行目"]
        {
            assert!(sheet.contains(part), "{part}: {sheet}");
        }
        assert!(!sheet.contains("<f>") && sheet.ends_with("</row></sheetData></worksheet>"));
        assert_eq!(zip.len(), 6);
    }
    fn part(bytes: &[u8], name: &str) -> String {
        let mut zip = zip::ZipArchive::new(io::Cursor::new(bytes)).expect("an archive");
        io::read_to_string(zip.by_name(name).expect("a part")).expect("text")
    }

    /// NF-24: more rows than a sheet holds go on in a further one, each with the heading.
    #[test]
    fn more_rows_than_a_sheet_holds_go_on_in_another() {
        let mut book = Xlsx::within(Vec::new(), "一覧", (3, MOST_BYTES)).expect("begun");
        book.heading(["番号"].into_iter()).expect("written");
        for n in ["1", "2", "3", "4", "5"] {
            book.row([n].into_iter()).expect("written");
        }
        let bytes = book.end().expect("written");
        for (name, cells) in [("1", [">番号<", ">1<", ">2<"]), ("2", [">番号<", ">3<", ">4<"])]
        {
            let sheet = part(&bytes, &format!("xl/worksheets/sheet{name}.xml"));
            assert_eq!(sheet.matches("<row ").count(), 3, "{sheet}");
            assert!(cells.iter().all(|cell| sheet.contains(cell)), "{sheet}");
        }
        assert!(part(&bytes, "xl/worksheets/sheet3.xml").contains(">5<"));
        let names = part(&bytes, "xl/workbook.xml");
        assert!(names.contains("\"一覧\"") && names.contains("\"一覧 (3)\""), "{names}");
        assert_eq!(part(&bytes, "[Content_Types].xml").matches("/xl/worksheets/").count(), 3);
    }

    /// NF-24: so do more bytes than a part of an archive holds.
    #[test]
    fn more_bytes_than_a_sheet_holds_go_on_in_another() {
        let mut book = Xlsx::within(Vec::new(), "一覧", (MOST_ROWS, 1_000)).expect("begun");
        for n in 0..3 {
            book.row([n.to_string().repeat(1_000).as_str()].into_iter()).expect("written");
        }
        let bytes = book.end().expect("written");
        for n in 0..3 {
            let sheet = part(&bytes, &format!("xl/worksheets/sheet{}.xml", n + 1));
            assert!(
                sheet.contains(&n.to_string().repeat(1_000)) && sheet.matches("<row ").count() == 1
            );
        }
    }

    /// NF-24: a text that no cell holds is cut between characters, and the last sheet says where; what no
    /// XML may hold does not break the file.
    #[test]
    fn a_text_that_is_too_long_is_cut_and_named() {
        let long = "𠮷".repeat(MOST_CHARS);
        assert_eq!(fitting(&long).chars().count(), MOST_CHARS / 2);
        assert_eq!(fitting(&"あ".repeat(MOST_CHARS)).chars().count(), MOST_CHARS);
        let mut book = Xlsx::begin(Vec::new(), "一覧").expect("begun");
        book.row(["a\u{b}b", long.as_str()].into_iter()).expect("written");
        let bytes = book.end().expect("written");
        assert!(part(&bytes, "xl/worksheets/sheet1.xml").contains(">a_x000B_b<"));
        let report = part(&bytes, "xl/worksheets/sheet2.xml");
        for cell in [">一覧<", ">B1<", ">32767<"] {
            assert!(report.contains(cell), "{cell}: {report}");
        }
    }
}
