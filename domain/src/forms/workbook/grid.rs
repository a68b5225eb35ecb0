//! A sheet by its headings.

use super::plan::{Blank, Column, Shape};
use super::write::languages;
use super::{Fault, FaultCode, MOST_FAULTS, Sheet, Words};

/// Characters of a cell that a fault shows.
const SHOWN: usize = 100;

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    /// The n-th thing the line belongs to.
    Owner(usize),
    /// A property, in a language or in Japanese.
    Property(&'static str, Option<String>),
}

/// One filled line.
#[derive(Debug)]
pub(super) struct Line<'s> {
    /// Name of the sheet.
    pub(super) sheet: &'s str,
    /// From 1.
    pub(super) row: usize,
    cells: Vec<Cell<'s>>,
}

#[derive(Debug)]
struct Cell<'s> {
    meaning: Meaning,
    column: usize,
    heading: &'s str,
    text: &'s str,
}

/// A place in a sheet, with what stands there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'s> {
    pub(super) sheet: &'s str,
    pub(super) row: usize,
    pub(super) column: Option<usize>,
    pub(super) heading: &'s str,
    pub(super) text: &'s str,
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn note(&mut self, code: FaultCode, at: Place<'_>) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(Fault {
                code,
                sheet: at.sheet.to_owned(),
                row: at.row,
                column: at.column,
                heading: at.heading.to_owned(),
                detail: at.text.chars().take(SHOWN).collect(),
            });
        }
    }

    /// Notes something about a whole sheet.
    pub(super) fn sheet(&mut self, code: FaultCode, sheet: &str, detail: &str) {
        self.note(code, Place { sheet, row: 0, column: None, heading: "", text: detail });
    }
}

/// The filled lines of a sheet whose heading names owners and properties.
pub(super) fn lines<'s>(
    sheet: &'s Sheet,
    owners: &[&str],
    columns: &[Column],
    words: &dyn Words,
    faults: &mut Faults,
) -> Vec<Line<'s>> {
    let mut expected: Vec<(String, Meaning)> =
        owners.iter().enumerate().map(|(n, name)| (words.sheet(name), Meaning::Owner(n))).collect();
    for column in columns {
        let of = |lang: Option<String>| Meaning::Property(column.path, lang);
        expected.push((words.heading(column.word()), of(None)));
        if column.shape == Shape::Words {
            let told = |lang: String| {
                (words.heading(&format!("{}.{lang}", column.word())), of(Some(lang)))
            };
            expected.extend(languages().into_iter().map(told));
        }
    }
    let heading = sheet.rows.first().map_or(&[][..], Vec::as_slice);
    let mut known: Vec<Option<Meaning>> = Vec::new();
    for (column, text) in heading.iter().enumerate() {
        let text = text.trim();
        let meaning = expected.iter().find(|(title, _)| title == text).map(|(_, it)| it.clone());
        let at = Place { sheet: &sheet.name, row: 1, column: Some(column), heading: text, text };
        if meaning.is_none() && !text.is_empty() {
            faults.note(FaultCode::UnknownHeading, at);
        }
        if meaning.is_some() && known.contains(&meaning) {
            faults.note(FaultCode::RepeatedHeading, at);
        }
        known.push(meaning);
    }
    let lines = filled(sheet, &known, heading);
    let must = |(_, meaning): &&(String, Meaning)| match meaning {
        Meaning::Owner(_) => true,
        Meaning::Property(path, None) => {
            columns.iter().any(|column| column.path == *path && column.blank == Blank::IsMissing)
        }
        Meaning::Property(_, Some(_)) => false,
    };
    // A sheet nobody wrote into may be without any heading.
    if !lines.is_empty() || !heading.is_empty() {
        for (title, meaning) in expected.iter().filter(must) {
            // What only some kinds need is asked for in the line.
            let of_a_kind = matches!(meaning, Meaning::Property(path, _)
                if path.starts_with("kind.") && *path != "kind.type");
            if !of_a_kind && !known.contains(&Some(meaning.clone())) {
                faults.sheet(FaultCode::NoHeading, &sheet.name, title);
            }
        }
    }
    lines
}

fn filled<'s>(sheet: &'s Sheet, known: &[Option<Meaning>], heading: &'s [String]) -> Vec<Line<'s>> {
    let mut lines = Vec::new();
    for (n, row) in sheet.rows.iter().enumerate().skip(1) {
        let cells: Vec<Cell<'s>> = row
            .iter()
            .enumerate()
            .filter(|(_, text)| !text.trim().is_empty())
            .filter_map(|(column, text)| {
                let meaning = known.get(column)?.clone()?;
                Some(Cell { meaning, column, heading: heading[column].trim(), text })
            })
            .collect();
        if !cells.is_empty() {
            lines.push(Line { sheet: &sheet.name, row: n + 1, cells });
        }
    }
    lines
}

impl<'s> Line<'s> {
    fn cell(&self, meaning: &Meaning) -> Option<&Cell<'s>> {
        self.cells.iter().find(|cell| cell.meaning == *meaning)
    }

    /// Id of the n-th thing the line belongs to; empty when the cell is.
    pub(super) fn owner(&self, n: usize) -> &'s str {
        self.cell(&Meaning::Owner(n)).map_or("", |cell| cell.text.trim())
    }

    /// Where the n-th owner stands.
    pub(super) fn at_owner(&self, n: usize) -> Place<'s> {
        self.place(self.cell(&Meaning::Owner(n)))
    }

    /// What stands in the cell of a property; `None` when it is empty.
    pub(super) fn text(&self, path: &'static str, lang: Option<&str>) -> Option<&'s str> {
        let meaning = Meaning::Property(path, lang.map(str::to_owned));
        self.cell(&meaning).map(|cell| cell.text)
    }

    /// Where a property stands, or should.
    pub(super) fn at(&self, path: &'static str) -> Place<'s> {
        self.place(self.cell(&Meaning::Property(path, None)))
    }

    /// Where filled properties stand whose path is not among these.
    pub(super) fn beyond(&self, known: &[Column]) -> Vec<Place<'s>> {
        let beyond = |cell: &&Cell<'s>| match &cell.meaning {
            Meaning::Property(path, _) => !known.iter().any(|column| column.path == *path),
            Meaning::Owner(_) => false,
        };
        self.cells.iter().filter(beyond).map(|cell| self.place(Some(cell))).collect()
    }

    fn place(&self, cell: Option<&Cell<'s>>) -> Place<'s> {
        Place {
            sheet: self.sheet,
            row: self.row,
            column: cell.map(|cell| cell.column),
            heading: cell.map_or("", |cell| cell.heading),
            text: cell.map_or("", |cell| cell.text),
        }
    }
}
