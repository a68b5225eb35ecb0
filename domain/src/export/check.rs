//! Whether a layout can be written at all: found before it is published, with words for the city.

use std::collections::BTreeSet;

use super::layout::{Column, ColumnSource, Layout, Overflow};
use super::profile::{Header, Profile};
use super::shape::{Fixed, MOST_ROWS, Pad, Part, PartSource, Shape, Spreadsheet, Xml};
use super::{Characters, Encoding, GaijiTable, xml};
use crate::forms::compiled::is_id;
use crate::forms::expr::Decimal;
use crate::forms::publish::{Problem, ProblemCode};

/// Longest fixed-length record, in bytes.
const LONGEST_RECORD: u32 = 32_767;
/// Most columns.
const MOST_COLUMNS: usize = 1_000;
/// Most records of one data file that a layout can ask for.
pub const MOST_IN_FILE: u32 = 1_000_000;

/// Everything wrong with a layout that can be told without a form. Places begin with `export`.
#[must_use]
pub fn check(layout: &Layout) -> Vec<Problem> {
    let mut checker = Checker { layout, found: Vec::new() };
    checker.names();
    checker.files();
    checker.profile(&layout.profile);
    for (n, column) in layout.columns.iter().enumerate() {
        checker.column(&at(n), column);
    }
    match &layout.shape {
        Shape::Csv => {}
        Shape::Fixed(fixed) => checker.fixed(fixed),
        Shape::Xml(xml) => checker.xml(xml),
        Shape::Spreadsheet(sheet) => checker.sheet(sheet),
    }
    checker.found
}

/// What is wrong with a job that puts this many applications into one generation.
#[must_use]
pub fn too_many(layout: &Layout, most: u32) -> Option<Problem> {
    let most = layout.rows_per_file.map_or(most, |rows| rows.min(most));
    let many = match layout.shape {
        Shape::Spreadsheet(_) => most >= MOST_ROWS,
        Shape::Csv | Shape::Fixed(_) | Shape::Xml(_) => false,
    };
    many.then(|| Problem::error("most", ProblemCode::ExportTooMany, &most.to_string()))
}

fn at(column: usize) -> String {
    format!("export.columns[{column}]")
}

struct Checker<'l> {
    layout: &'l Layout,
    found: Vec<Problem>,
}

impl Checker<'_> {
    fn error(&mut self, at: &str, code: ProblemCode, detail: &str) {
        self.found.push(Problem::error(at, code, detail));
    }

    fn writes(&self, text: &str) -> bool {
        let profile = &self.layout.profile;
        let rules = Characters::new(profile, profile.encoding, GaijiTable::default());
        rules.fit(text).changes.is_empty()
    }

    fn names(&mut self) {
        let layout = self.layout;
        if !is_id(&layout.name) || layout.name.len() > 40 {
            self.error("export.name", ProblemCode::BadId, &layout.name);
        }
        if layout.columns.is_empty() {
            self.error("export.columns", ProblemCode::Empty, "");
        }
        if layout.columns.len() > MOST_COLUMNS {
            self.error("export.columns", ProblemCode::TooMuch, &MOST_COLUMNS.to_string());
        }
        let (mut ids, mut headers) = (BTreeSet::new(), BTreeSet::new());
        for (n, column) in layout.columns.iter().enumerate() {
            if !is_id(&column.id) {
                self.error(&at(n), ProblemCode::BadId, &column.id);
            }
            if !ids.insert(&column.id) || !headers.insert(&column.header) {
                self.error(&at(n), ProblemCode::RepeatedId, &column.id);
            }
            let blank = column.header.trim().is_empty();
            let shown = layout.profile.header == Header::Japanese;
            if blank || shown && !self.writes(&column.header) {
                self.error(&at(n), ProblemCode::BadColumn, &column.header);
            }
        }
    }

    fn files(&mut self) {
        let layout = self.layout;
        if !layout.file_name.holds() {
            let detail = layout.file_name.text();
            self.error("export.file_name", ProblemCode::ExportFileName, detail);
        }
        if let Some(rows) = layout.rows_per_file.filter(|rows| !(1..=MOST_IN_FILE).contains(rows)) {
            self.error("export.rows_per_file", ProblemCode::ExportRows, &rows.to_string());
        }
        let headed = match layout.shape {
            Shape::Csv | Shape::Spreadsheet(_) => layout.profile.header != Header::None,
            Shape::Fixed(_) | Shape::Xml(_) => true,
        };
        if layout.machine_readable && !headed {
            self.error("export.profile.header", ProblemCode::ExportNoHeader, "");
        }
    }

    fn profile(&mut self, profile: &Profile) {
        let delimiter = profile.delimiter.letter();
        let marks = [("line_break", &profile.line_break), ("joiner", &profile.joiner)];
        for (name, mark) in marks {
            let breaks = mark.contains(['\n', '\r', '"']) || mark.chars().count() > 8;
            let parts = matches!(self.layout.shape, Shape::Csv) && mark.contains(delimiter);
            if breaks || parts {
                self.error(&format!("export.profile.{name}"), ProblemCode::ExportMark, mark);
            }
        }
        let mark = profile.break_mark();
        if !self.writes(mark) {
            self.error("export.profile.line_break", ProblemCode::ExportText, mark);
        }
        if profile.gaiji.maps() != profile.gaiji_table.is_some() {
            self.error("export.profile.gaiji", ProblemCode::ExportTable, "");
        }
    }

    fn column(&mut self, at: &str, column: &Column) {
        if !self.writes(&column.empty) {
            self.error(at, ProblemCode::ExportText, &column.empty);
        }
        for text in fixed_texts(&column.source) {
            if !self.writes(text) {
                self.error(at, ProblemCode::ExportText, text);
            }
        }
        if column.width.is_some_and(|width| !(1..=LONGEST_RECORD).contains(&width)) {
            self.error(at, ProblemCode::ExportWidth, &column.header);
        }
        let Some(number) = column.number else { return };
        if number.decimals > 6 {
            self.error(at, ProblemCode::ExportNumber, &column.header);
        }
        if column.overflow == Overflow::Truncate {
            self.error(at, ProblemCode::ExportCutNumber, &column.header);
        }
        let none = column.empty.is_empty() || column.empty.parse::<Decimal>().is_ok();
        if self.layout.machine_readable && !none {
            self.error(at, ProblemCode::ExportUnit, &column.header);
        }
    }

    fn fixed(&mut self, fixed: &Fixed) {
        let profile = &self.layout.profile;
        if !matches!(profile.encoding, Encoding::Cp932 | Encoding::Utf8) {
            let key = profile.encoding.key();
            self.error("export.profile.encoding", ProblemCode::ExportFixedEncoding, key);
        }
        if !(1..=LONGEST_RECORD).contains(&fixed.record) {
            self.error("export.shape", ProblemCode::ExportWidth, &fixed.record.to_string());
        }
        for (n, column) in self.layout.columns.iter().enumerate() {
            match column.width {
                None => self.error(&at(n), ProblemCode::ExportNoWidth, &column.header),
                Some(width) => self.fill(&at(n), width, column.pad, &column.header),
            }
            if column.empty.len() > column.width.unwrap_or(0) as usize {
                self.error(&at(n), ProblemCode::ExportWidth, &column.header);
            }
        }
        let widths = self.layout.columns.iter().filter_map(|column| column.width);
        let sum: u64 = widths.map(u64::from).sum();
        self.length("export.columns", sum, fixed.record);
        let frames = [("header", &fixed.header), ("trailer", &fixed.trailer), ("end", &fixed.end)];
        for (name, parts) in frames {
            let at = format!("export.shape.{name}");
            for part in parts {
                self.part(&at, part, name == "header");
            }
            if !parts.is_empty() {
                self.length(
                    &at,
                    parts.iter().map(|part| u64::from(part.width)).sum(),
                    fixed.record,
                );
            }
        }
    }

    fn length(&mut self, at: &str, sum: u64, record: u32) {
        if sum != u64::from(record) {
            let detail = format!("{sum} / {record}");
            self.error(at, ProblemCode::ExportRecordLength, &detail);
        }
    }

    fn fill(&mut self, at: &str, width: u32, pad: Pad, detail: &str) {
        let odd = self.layout.profile.encoding == Encoding::Cp932 && !width.is_multiple_of(2);
        let three = self.layout.profile.encoding == Encoding::Utf8 && !width.is_multiple_of(3);
        if pad == Pad::WideSpace && (odd || three) {
            self.error(at, ProblemCode::ExportWideSpace, detail);
        }
    }

    fn part(&mut self, at: &str, part: &Part, first: bool) {
        let encoding = self.layout.profile.encoding;
        self.fill(at, part.width, part.pad, at);
        match &part.source {
            PartSource::Fixed(text) => {
                let long = encoding.exact(text).is_none_or(|b| b.len() > part.width as usize);
                if long {
                    self.error(at, ProblemCode::ExportText, text);
                }
            }
            PartSource::Records if first => self.error(at, ProblemCode::ExportTooEarly, "records"),
            PartSource::Total(id) if first => self.error(at, ProblemCode::ExportTooEarly, id),
            PartSource::Total(id) => {
                let mut columns = self.layout.columns.iter();
                let summed = |column: &&Column| column.number.is_some_and(|number| number.total);
                if !columns.any(|column| column.id == *id && summed(&column)) {
                    self.error(at, ProblemCode::ExportNoTotal, id);
                }
            }
            PartSource::BusinessDate(_)
            | PartSource::Generation
            | PartSource::LayoutVersion
            | PartSource::Records => {}
        }
    }

    fn xml(&mut self, xml: &Xml) {
        for (place, name) in [("root", &xml.root), ("record", &xml.record)] {
            if !xml::is_name(name) || !self.writes(name) {
                self.error(&format!("export.shape.{place}"), ProblemCode::ExportElement, name);
            }
        }
        if !self.writes(&xml.namespace) {
            self.error("export.shape.namespace", ProblemCode::ExportText, &xml.namespace);
        }
        if self.layout.profile.encoding == Encoding::Utf16LeBare {
            let key = Encoding::Utf16LeBare.key();
            self.error("export.profile.encoding", ProblemCode::ExportXmlEncoding, key);
        }
        let mut seen: BTreeSet<Vec<&str>> = BTreeSet::new();
        let mut open: Vec<&str> = Vec::new();
        for (n, column) in self.layout.columns.iter().enumerate() {
            let path: Vec<&str> = column.elements().collect();
            if path.len() > 8 || path.iter().any(|name| !xml::is_name(name) || !self.writes(name)) {
                self.error(&at(n), ProblemCode::ExportElement, &path.join("/"));
            }
            // An element is a value or a group, and a group stands in one place.
            let common = open.iter().zip(&path).take_while(|(a, b)| a == b).count();
            let opened = path.get(..=common).unwrap_or(&path);
            if seen.iter().any(|one| one.starts_with(opened)) || seen.contains(&path) {
                self.error(&at(n), ProblemCode::ExportElementTwice, &path.join("/"));
            }
            for depth in 1..=path.len() {
                seen.insert(path[..depth].to_vec());
            }
            open = path[..path.len().saturating_sub(1)].to_vec();
        }
    }

    fn sheet(&mut self, sheet: &Spreadsheet) {
        let length = sheet.sheet.chars().count();
        if !(1..=31).contains(&length)
            || sheet.sheet.contains([':', '\\', '/', '?', '*', '[', ']', '\''])
        {
            self.error("export.shape.sheet", ProblemCode::ExportSheet, &sheet.sheet);
        }
        if !matches!(self.layout.profile.encoding, Encoding::Utf8) {
            let key = self.layout.profile.encoding.key();
            self.error("export.profile.encoding", ProblemCode::ExportSheetEncoding, key);
        }
    }
}

fn fixed_texts(source: &ColumnSource) -> Vec<&str> {
    match source {
        ColumnSource::Fixed(text) => vec![text],
        ColumnSource::Join(parts) | ColumnSource::First(parts) => {
            parts.iter().flat_map(fixed_texts).collect()
        }
        ColumnSource::Input(_)
        | ColumnSource::Label(_)
        | ColumnSource::Expr(_)
        | ColumnSource::Staff(_)
        | ColumnSource::StaffLabel(_)
        | ColumnSource::System(_) => Vec::new(),
    }
}
