//! A workbook as plain data.

pub(in crate::office) mod drawing;

use std::collections::HashMap;
use std::fmt::Write as _;

use sanitizer_intermediate::office::{
    Cell, CellNote, CellText, CellValue, DefinedName, Formula, MAX_COLUMNS, MAX_ROWS, Row, Rows,
    Sheet, Tab, TabKind, Visibility,
};
use sanitizer_intermediate::{Findings, HoldReason, Limits, Place, RemovedKind};

use super::chart::Chart;
use super::{Pictures, cleaned, escaped, made};
use crate::office::sheet::Formulas;
pub(in crate::office) use crate::office::sheet::{is_function, is_starter};
use drawing::{Area, Lying, What};

/// Most characters of a cell and of a tab.
const MAX_CELL: usize = 32_767;
const MAX_TAB: usize = 31;
/// Points of a row that says nothing.
const USUAL_HEIGHT: f64 = 13.5;
/// Numbers of formats below this are Excel's own.
const FIRST_FORMAT: usize = 164;

/// A workbook.
pub(in crate::office) struct Book {
    pub tabs: Vec<Page>,
    /// Formats of cells by number; the first is the usual one.
    pub formats: Vec<Format>,
    /// Days count from 1904.
    pub from_1904: bool,
    /// Colours of the palette when it is not the usual one, from number 8 on.
    pub palette: Vec<[u8; 3]>,
    /// Names of cells and formulas.
    pub names: Vec<DefinedName>,
    pub charts: Vec<Chart>,
    /// Pictures of a store of the file, by their number there.
    pub stored: Vec<(u32, Option<u32>)>,
    pictures: Pictures,
    limits: Limits,
    strings: Vec<CellText>,
    known: HashMap<String, u32>,
}

/// A sheet.
#[derive(Default)]
pub(in crate::office) struct Page {
    pub name: String,
    pub visibility: Visibility,
    pub rows: Vec<PlainRow>,
    /// First and last row and column, from 1.
    pub merges: Vec<[u32; 4]>,
    /// First and last column, width in characters, whether hidden.
    pub columns: Vec<(u32, u32, f64, bool)>,
    /// Width in characters and height in points of those that say nothing.
    pub width: Option<f64>,
    pub height: Option<f64>,
    /// What lies on the cells.
    pub lying: Vec<Lying>,
    pub notes: Vec<CellNote>,
    /// It shows this and no cells.
    pub chart: Option<u32>,
}

/// A row.
pub(in crate::office) struct PlainRow {
    /// From 1.
    pub number: u32,
    /// Points.
    pub height: Option<f64>,
    pub hidden: bool,
    pub cells: Vec<Cell>,
}

/// How a cell looks.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::office) struct Format {
    /// A number format of its own.
    pub number: Option<String>,
    /// One of Excel's number formats, when there is none of its own.
    pub builtin: u32,
    pub font: Font,
    /// Pattern by name, and the colour in front.
    pub fill: Option<(&'static str, Colour)>,
    /// Left, right, top, bottom.
    pub edges: [Option<(&'static str, Colour)>; 4],
    pub horizontal: Option<&'static str>,
    pub vertical: Option<&'static str>,
    pub wrap: bool,
    pub indent: u32,
    pub rotation: u32,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::office) struct Font {
    pub name: String,
    /// Points.
    pub size: f64,
    pub bold: bool,
    pub italic: bool,
    pub strike: bool,
    pub underline: bool,
    pub colour: Colour,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::office) enum Colour {
    #[default]
    Auto,
    Indexed(u32),
    Rgb([u8; 3]),
}

/// Decides about the names of a workbook.
pub(in crate::office) struct Names<'f> {
    formulas: &'f Formulas,
    /// Names that run something.
    pub macros: u32,
    removed: Vec<RemovedKind>,
}

impl<'f> Names<'f> {
    pub(in crate::office) const fn new(formulas: &'f Formulas) -> Self {
        Self { formulas, macros: 0, removed: Vec::new() }
    }

    /// What a name stands for, when it stays.
    pub(in crate::office) fn keep(&mut self, text: &str) -> Option<Formula> {
        match self.formulas.keep(text) {
            Ok(formula) => Some(formula),
            Err(kind) => {
                self.removed.extend(kind);
                None
            }
        }
    }

    /// Notes what did not stay.
    pub(in crate::office) fn note(self, findings: &mut Findings) {
        findings.remove(RemovedKind::MacroCalls, self.macros, Place::Document);
        for kind in self.removed {
            findings.remove(kind, 1, Place::Document);
        }
    }
}

impl Page {
    /// A sheet that is a chart.
    pub(in crate::office) fn of_chart(name: &str, visibility: Visibility, chart: u32) -> Self {
        let area = Area::Sheet([0, 0, 9_300_000, 6_000_000]);
        Self {
            name: name.to_owned(),
            visibility,
            lying: vec![Lying { area, what: What::Chart(chart) }],
            chart: Some(chart),
            ..Self::default()
        }
    }
}

impl Book {
    /// An empty workbook.
    pub(in crate::office) fn new(limits: &Limits) -> Self {
        Self {
            tabs: Vec::new(),
            formats: Vec::new(),
            from_1904: false,
            palette: Vec::new(),
            names: Vec::new(),
            charts: Vec::new(),
            stored: Vec::new(),
            pictures: Pictures::new(limits.answer_bytes),
            limits: *limits,
            strings: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// The number of a picture; `None` when it cannot be shown.
    pub(in crate::office) fn picture(&mut self, bytes: &[u8]) -> Option<u32> {
        self.pictures.add(bytes, &self.limits)
    }

    /// Notes what became of pictures.
    pub(in crate::office) fn note(&self, findings: &mut Findings) {
        self.pictures.note(findings);
    }

    /// A value for a cell with this text.
    pub(in crate::office) fn text(&mut self, text: &str) -> CellValue {
        let mut text = cleaned(text);
        if let Some((end, _)) = text.char_indices().nth(MAX_CELL) {
            text.truncate(end);
        }
        if let Some(known) = self.known.get(&text) {
            return CellValue::Shared(*known);
        }
        let number = u32::try_from(self.strings.len()).unwrap_or(u32::MAX);
        self.strings.push(CellText::Plain(text.clone()));
        self.known.insert(text, number);
        CellValue::Shared(number)
    }

    /// The workbook in the shapes of Excel.
    ///
    /// # Errors
    /// [`HoldReason`] when it has no sheet or too much of anything.
    pub(in crate::office) fn finish(mut self, limits: &Limits) -> Result<Sheet, HoldReason> {
        if self.tabs.is_empty() {
            return Err(HoldReason::Broken);
        }
        if self.tabs.len() > limits.pages as usize {
            return Err(HoldReason::TooComplex);
        }
        let styles = made("s:styleSheet", &self.styles())?;
        let from_1904 = u8::from(self.from_1904);
        let settings = format!("<s:workbookPr date1904=\"{from_1904}\"/>");
        let mut taken = Vec::new();
        let mut book = Sheet {
            styles: Some(styles),
            settings: made("s:workbook", &settings)?,
            ..Sheet::default()
        };
        for page in std::mem::take(&mut self.tabs) {
            book.tabs.push(tab(page, &mut taken)?);
        }
        if book.tabs.iter().all(|it| it.visibility != Visibility::Visible) {
            book.tabs[0].visibility = Visibility::Visible;
        }
        book.names = self.names;
        book.charts = self.charts.iter().map(Chart::finish).collect::<Result<_, _>>()?;
        book.pictures = self.pictures.pictures;
        book.strings = self.strings;
        Ok(book)
    }

    fn styles(&self) -> String {
        let usual = [Format::default()];
        let formats = if self.formats.is_empty() { usual.as_slice() } else { &self.formats };
        let mut numbers: Vec<&str> = Vec::new();
        let (mut fonts, mut fills, mut borders) = (String::new(), String::new(), String::new());
        let mut cells = String::new();
        let mut filled = 1;
        fills.push_str("<s:fill><s:patternFill patternType=\"none\"/></s:fill>");
        fills.push_str("<s:fill><s:patternFill patternType=\"gray125\"/></s:fill>");
        for (at, format) in formats.iter().enumerate() {
            font(&format.font, &mut fonts);
            border(&format.edges, &mut borders);
            let fill = match &format.fill {
                Some((pattern, colour)) => {
                    let _ = write!(fills, "<s:fill><s:patternFill patternType=\"{pattern}\">");
                    coloured("fgColor", *colour, &mut fills);
                    fills.push_str("</s:patternFill></s:fill>");
                    filled += 1;
                    filled
                }
                None => 0,
            };
            let number = match format.number.as_deref() {
                Some(code) => {
                    let known = numbers.iter().position(|it| *it == code);
                    FIRST_FORMAT
                        + known.unwrap_or_else(|| {
                            numbers.push(code);
                            numbers.len() - 1
                        })
                }
                None => format.builtin as usize,
            };
            let _ = write!(
                cells,
                "<s:xf numFmtId=\"{number}\" fontId=\"{at}\" fillId=\"{fill}\" borderId=\"{at}\" \
                 xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\" \
                 applyAlignment=\"1\">"
            );
            alignment(format, &mut cells);
            cells.push_str("</s:xf>");
        }
        let mut out = String::from("<s:numFmts>");
        for (at, code) in numbers.iter().enumerate() {
            let (id, code) = (FIRST_FORMAT + at, escaped(code));
            let _ = write!(out, "<s:numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>");
        }
        if numbers.is_empty() {
            out.clear();
        } else {
            out.push_str("</s:numFmts>");
        }
        let _ = write!(
            out,
            "<s:fonts>{fonts}</s:fonts><s:fills>{fills}</s:fills><s:borders>{borders}</s:borders>\
             <s:cellStyleXfs><s:xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></s:cellStyleXfs>\
             <s:cellXfs>{cells}</s:cellXfs>\
             <s:cellStyles><s:cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></s:cellStyles>"
        );
        if !self.palette.is_empty() {
            out.push_str("<s:colors><s:indexedColors>");
            // The first eight repeat at number eight.
            for [red, green, blue] in self.palette.iter().take(8).chain(&self.palette) {
                let _ = write!(out, "<s:rgbColor rgb=\"00{red:02X}{green:02X}{blue:02X}\"/>");
            }
            out.push_str("</s:indexedColors></s:colors>");
        }
        out
    }
}

fn font(font: &Font, out: &mut String) {
    out.push_str("<s:font>");
    for (on, name) in
        [(font.bold, "b"), (font.italic, "i"), (font.strike, "strike"), (font.underline, "u")]
    {
        if on {
            let _ = write!(out, "<s:{name}/>");
        }
    }
    let size = if font.size > 0.0 { font.size } else { 11.0 };
    let _ = write!(out, "<s:sz val=\"{size}\"/>");
    coloured("color", font.colour, out);
    let name = if font.name.is_empty() { "Yu Gothic" } else { &font.name };
    let _ = write!(out, "<s:name val=\"{}\"/></s:font>", escaped(name));
}

fn coloured(name: &str, colour: Colour, out: &mut String) {
    let _ = match colour {
        Colour::Auto => Ok(()),
        Colour::Indexed(number) => write!(out, "<s:{name} indexed=\"{number}\"/>"),
        Colour::Rgb([red, green, blue]) => {
            write!(out, "<s:{name} rgb=\"FF{red:02X}{green:02X}{blue:02X}\"/>")
        }
    };
}

fn border(edges: &[Option<(&str, Colour)>; 4], out: &mut String) {
    out.push_str("<s:border>");
    for (edge, side) in edges.iter().zip(["left", "right", "top", "bottom"]) {
        match edge {
            Some((style, colour)) => {
                let _ = write!(out, "<s:{side} style=\"{style}\">");
                coloured("color", *colour, out);
                let _ = write!(out, "</s:{side}>");
            }
            None => {
                let _ = write!(out, "<s:{side}/>");
            }
        }
    }
    out.push_str("<s:diagonal/></s:border>");
}

fn alignment(format: &Format, out: &mut String) {
    out.push_str("<s:alignment");
    if let Some(it) = format.horizontal {
        let _ = write!(out, " horizontal=\"{it}\"");
    }
    if let Some(it) = format.vertical {
        let _ = write!(out, " vertical=\"{it}\"");
    }
    if format.rotation > 0 {
        let _ = write!(out, " textRotation=\"{}\"", format.rotation);
    }
    if format.wrap {
        out.push_str(" wrapText=\"1\"");
    }
    if format.indent > 0 {
        let _ = write!(out, " indent=\"{}\"", format.indent);
    }
    out.push_str("/>");
}

fn tab(page: Page, taken: &mut Vec<String>) -> Result<Tab, HoldReason> {
    let mut rows: Vec<PlainRow> = page.rows;
    rows.retain(|it| (1..=MAX_ROWS).contains(&it.number));
    rows.sort_by_key(|it| it.number);
    rows.dedup_by_key(|it| it.number);
    let rows = rows.into_iter().map(row).collect::<Result<Rows, HoldReason>>()?;
    let mut head = defaults(page.width, page.height);
    if !page.columns.is_empty() {
        head.push_str("<s:cols>");
        let mut columns = page.columns;
        columns.sort_by_key(|it| it.0);
        let mut next = 1;
        for (first, last, width, hidden) in columns {
            if first < next || last < first || last > MAX_COLUMNS {
                continue;
            }
            next = last + 1;
            let hidden = u8::from(hidden);
            let _ = write!(
                head,
                "<s:col min=\"{first}\" max=\"{last}\" width=\"{width}\" customWidth=\"1\" hidden=\"{hidden}\"/>"
            );
        }
        head.push_str("</s:cols>");
    }
    let mut tail = String::new();
    let merges: Vec<[u32; 4]> = page.merges.into_iter().filter(is_merge).collect();
    if !merges.is_empty() {
        tail.push_str("<s:mergeCells>");
        for [top, bottom, left, right] in merges {
            let (left, right) = (letters(left), letters(right));
            let _ = write!(tail, "<s:mergeCell ref=\"{left}{top}:{right}{bottom}\"/>");
        }
        tail.push_str("</s:mergeCells>");
    }
    Ok(Tab {
        name: tab_name(&page.name, taken),
        visibility: page.visibility,
        kind: if page.chart.is_some() { TabKind::Chart } else { TabKind::Cells },
        head: made("s:sheetHead", &head)?,
        rows,
        tail: made("s:sheetTail", &tail)?,
        drawing: drawing::drawing(&page.lying)?,
        tables: Vec::new(),
        notes: page.notes,
    })
}

/// Width and height of columns and rows that say nothing.
fn defaults(width: Option<f64>, height: Option<f64>) -> String {
    if width.is_none() && height.is_none() {
        return String::new();
    }
    let height = height.unwrap_or(USUAL_HEIGHT);
    let width = width.map(|it| format!(" defaultColWidth=\"{it}\"")).unwrap_or_default();
    format!("<s:sheetFormatPr{width} defaultRowHeight=\"{height}\"/>")
}

fn is_merge(it: &[u32; 4]) -> bool {
    let [top, bottom, left, right] = *it;
    top >= 1
        && left >= 1
        && bottom <= MAX_ROWS
        && right <= MAX_COLUMNS
        && top <= bottom
        && left <= right
        && (top, left) != (bottom, right)
}

fn row(mut row: PlainRow) -> Result<Row, HoldReason> {
    row.cells.retain(|it| (1..=MAX_COLUMNS).contains(&it.column));
    row.cells.sort_by_key(|it| it.column);
    row.cells.dedup_by_key(|it| it.column);
    let mut name = format!("s:row r=\"{}\"", row.number);
    if let Some(height) = row.height {
        let _ = write!(name, " ht=\"{height}\" customHeight=\"1\"");
    }
    if row.hidden {
        name.push_str(" hidden=\"1\"");
    }
    Ok(Row { shape: made(&name, "")?, cells: row.cells })
}

/// A name Excel takes: short, without its own signs, and only once.
fn tab_name(name: &str, taken: &mut Vec<String>) -> String {
    let clean: String =
        cleaned(name).chars().map(|it| if "[]:*?/\\".contains(it) { '_' } else { it }).collect();
    let clean = clean.trim_matches('\'');
    let base = if clean.is_empty() { "Sheet" } else { clean };
    let mut found: String = base.chars().take(MAX_TAB).collect();
    let mut number = 2;
    while taken.contains(&found.to_lowercase()) {
        let end = format!(" ({number})");
        found = base.chars().take(MAX_TAB - end.len()).collect::<String>() + &end;
        number += 1;
    }
    taken.push(found.to_lowercase());
    found
}

/// The letters of a column, from 1.
pub(in crate::office) fn letters(mut column: u32) -> String {
    let mut out = Vec::new();
    while column > 0 {
        let digit = u8::try_from((column - 1) % 26).unwrap_or_default();
        out.push(char::from(b'A' + digit));
        column = (column - 1) / 26;
    }
    out.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_tabs_are_named() {
        assert_eq!(
            (letters(1), letters(28), letters(16_384)),
            ("A".into(), "AB".into(), "XFD".into())
        );
        let mut taken = Vec::new();
        assert_eq!(tab_name("a/b", &mut taken), "a_b");
        assert_eq!(tab_name("A_B", &mut taken), "A_B (2)");
        assert_eq!(tab_name("", &mut taken), "Sheet");
    }
}
