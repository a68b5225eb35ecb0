//! Rows and cells of a sheet.

use std::collections::BTreeMap;

use sanitizer_intermediate::office::{Cell, CellError, CellValue};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Place, RemovedKind};

use super::drawing::Drawing;
use super::formulas::{Found, Rules, Shared};
use super::records::{Record, Records};
use super::strings::unicode;
use super::{BOF, EOF};
use crate::office::legacy::bytes::{f64_at, slice, u8_at, u16_at, u32_at};
use crate::office::plain::cleaned;
use crate::office::plain::sheet::{Book, Page, PlainRow};
use crate::office::tokens;

const ROW: u16 = 0x208;
const BLANK: u16 = 0x201;
const BLANKS: u16 = 0xbe;
const NUMBER: u16 = 0x203;
const SHORT: u16 = 0x27e;
const SHORTS: u16 = 0xbd;
const TEXT: u16 = 0xfd;
const LABEL: u16 = 0x204;
const RICH_LABEL: u16 = 0xd6;
const BOOL_OR_ERROR: u16 = 0x205;
const FORMULA: u16 = 0x06;
const RESULT: u16 = 0x207;
const SHARED: u16 = 0x4bc;
const ARRAY: u16 = 0x221;
const MERGES: u16 = 0xe5;
const COLUMNS: u16 = 0x7d;
const LINK: u16 = 0x1b8;
const OBJECT: u16 = 0x5d;
const SHAPES: u16 = 0xec;
const TEXT_BOX: u16 = 0x1b6;
const NOTE: u16 = 0x1c;
const USUAL_WIDTH: u16 = 0x55;
const EXACT_WIDTH: u16 = 0x99;
const USUAL_HEIGHT: u16 = 0x225;
/// A chart within a sheet begins as a sheet of its own.
const CHART: u16 = 0x20;

/// Reads the sheet that starts here.
///
/// # Errors
/// [`HoldReason`] when it has too many cells.
pub(super) fn read(
    stream: &[u8],
    start: usize,
    rules: &Rules<'_>,
    book: &mut Book,
    cells_left: &mut u32,
    findings: &mut Findings,
    number: u32,
) -> Result<Page, HoldReason> {
    let mut reader = Reader {
        rules,
        book,
        rows: BTreeMap::new(),
        cells_left,
        formulas: Shared::new(),
        links: 0,
        drawing: Drawing::default(),
        last: None,
        follows: false,
        page: Page::default(),
    };
    let mut depth = 0_u32;
    let mut records = Records::new(stream, start);
    while let Some(before) = Some(records.place())
        && let Some(record) = records.next()
    {
        match record.kind {
            BOF => {
                if depth == 1 && u16_at(record.data, 2) == CHART {
                    let (chart, refused) = chart(stream, before, rules, reader.book);
                    reader.drawing.chart(chart);
                    let place = Place::Sheet(number);
                    findings.change(ChangedKind::FormulasToValues, refused, place);
                }
                depth += 1;
            }
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            // Charts within the sheet have records of the same kinds.
            _ if depth != 1 => {}
            SHAPES => reader.drawing.shapes(&records.with_continued(&record)),
            TEXT_BOX => reader.drawing.text(&records.with_continued(&record)),
            _ => reader.take(&record)?,
        }
    }
    let place = Place::Sheet(number);
    reader.settle();
    reader.formulas.note(findings, place);
    findings.remove(RemovedKind::Links, reader.links, place);
    reader.page.rows = reader.rows.into_values().collect();
    let mut page = reader.page;
    reader.drawing.finish(rules.globals, reader.book, &mut page, findings, place);
    Ok(page)
}

/// Reads a chart into the workbook; its number there, and how many of its
/// sources did not stay.
pub(super) fn chart(
    stream: &[u8],
    start: usize,
    rules: &Rules<'_>,
    book: &mut Book,
) -> (Option<u32>, u32) {
    let (chart, refused) = super::chart::read(stream, start, rules);
    if chart.is_empty() {
        return (None, refused);
    }
    book.charts.push(chart);
    (u32::try_from(book.charts.len() - 1).ok(), refused)
}

struct Reader<'r, 'l> {
    rules: &'r Rules<'r>,
    book: &'r mut Book,
    rows: BTreeMap<u32, PlainRow>,
    cells_left: &'l mut u32,
    formulas: Shared,
    links: u32,
    drawing: Drawing,
    /// The cell of the last formula: its row, and its number there. Its text
    /// and what it shares come in records of their own.
    last: Option<(u32, usize)>,
    /// What the last formula shares is still to come.
    follows: bool,
    page: Page,
}

impl Reader<'_, '_> {
    fn take(&mut self, record: &Record<'_>) -> Result<(), HoldReason> {
        let data = record.data;
        match record.kind {
            ROW => self.row(data),
            BLANK => self.put(data, CellValue::Empty)?,
            BLANKS => {
                let count = data.len().saturating_sub(6) / 2;
                for at in 0..count {
                    let format = u16_at(data, 4 + at * 2);
                    self.put_at(data, at, format, CellValue::Empty)?;
                }
            }
            NUMBER => self.put(data, number(f64_at(data, 6)))?,
            SHORT => self.put(data, number(short(u32_at(data, 6))))?,
            SHORTS => {
                let count = data.len().saturating_sub(6) / 6;
                for at in 0..count {
                    let value = number(short(u32_at(data, 6 + at * 6)));
                    self.put_at(data, at, u16_at(data, 4 + at * 6), value)?;
                }
            }
            TEXT => {
                let at = u32_at(data, 6) as usize;
                let value = match self.rules.globals.texts.get(at) {
                    Some(text) => self.book.text(text),
                    None => CellValue::Empty,
                };
                self.put(data, value)?;
            }
            LABEL | RICH_LABEL => {
                let value = self.label(data, 6);
                self.put(data, value)?;
            }
            BOOL_OR_ERROR => {
                let code = u8_at(data, 6);
                let value =
                    if u8_at(data, 7) == 0 { CellValue::Bool(code != 0) } else { error(code) };
                self.put(data, value)?;
            }
            FORMULA | 0x206 | 0x406 => self.formula(data)?,
            RESULT => {
                let text = cleaned(&self.characters(data, 0));
                if let Some(cell) = self.last_cell() {
                    cell.value = CellValue::Text(text);
                }
            }
            SHARED | ARRAY => self.shared(record),
            MERGES => self.merges(data),
            COLUMNS => {
                let width = f64::from(u16_at(data, 4)) / 256.0;
                let (first, last) =
                    (u32::from(u16_at(data, 0)) + 1, u32::from(u16_at(data, 2)) + 1);
                let hidden = u16_at(data, 8) & 1 != 0;
                if self.page.columns.len() < 1_024 {
                    self.page.columns.push((first, last.min(16_384), width, hidden));
                }
            }
            LINK => self.links += 1,
            OBJECT => self.drawing.object(data),
            NOTE => self.drawing.note(data),
            USUAL_WIDTH => {
                // Without the space around, which is five points of the screen.
                let width = f64::from(u16_at(data, 0)) + 5.0 / 7.0;
                self.page.width = self.page.width.or(Some(width));
            }
            EXACT_WIDTH => self.page.width = Some(f64::from(u16_at(data, 0)) / 256.0),
            USUAL_HEIGHT => self.page.height = Some(f64::from(u16_at(data, 2)) / 20.0),
            _ => {}
        }
        Ok(())
    }

    fn row(&mut self, data: &[u8]) {
        let number = u32::from(u16_at(data, 0)) + 1;
        let (height, options) = (u16_at(data, 6), u16_at(data, 12));
        let row = self.row_of(number);
        row.hidden = options & 0x20 != 0;
        row.height = (options & 0x40 != 0).then(|| f64::from(height & 0x7fff) / 20.0);
    }

    fn row_of(&mut self, number: u32) -> &mut PlainRow {
        self.rows.entry(number).or_insert_with(|| PlainRow {
            number,
            height: None,
            hidden: false,
            cells: Vec::new(),
        })
    }

    fn put(&mut self, data: &[u8], value: CellValue) -> Result<(), HoldReason> {
        let (row, column) = (u32::from(u16_at(data, 0)) + 1, u32::from(u16_at(data, 2)) + 1);
        self.insert(row, column, u32::from(u16_at(data, 4)), value)
    }

    /// One of several cells of a record.
    fn put_at(
        &mut self,
        data: &[u8],
        at: usize,
        format: u16,
        value: CellValue,
    ) -> Result<(), HoldReason> {
        let first = usize::from(u16_at(data, 2)) + 1;
        let column = u32::try_from(first + at).unwrap_or(u32::MAX);
        self.insert(u32::from(u16_at(data, 0)) + 1, column, u32::from(format), value)
    }

    fn insert(
        &mut self,
        row: u32,
        column: u32,
        style: u32,
        value: CellValue,
    ) -> Result<(), HoldReason> {
        *self.cells_left = self.cells_left.checked_sub(1).ok_or(HoldReason::TooComplex)?;
        self.row_of(row).cells.push(Cell { column, style, value, formula: None });
        Ok(())
    }

    fn label(&mut self, data: &[u8], at: usize) -> CellValue {
        let text = self.characters(data, at);
        self.book.text(&text)
    }

    /// A text after its length.
    fn characters(&self, data: &[u8], at: usize) -> String {
        let length = usize::from(u16_at(data, at));
        let rest = data.get(at + 2..).unwrap_or_default();
        if self.rules.globals.is_8 {
            unicode(rest, length)
        } else {
            self.rules
                .globals
                .encoding
                .decode(slice(rest, 0, length.min(rest.len())))
                .0
                .into_owned()
        }
    }

    fn formula(&mut self, data: &[u8]) -> Result<(), HoldReason> {
        self.settle();
        let code = u8_at(data, 8);
        let value = match (u16_at(data, 12), u8_at(data, 6)) {
            (0xffff, 1) => CellValue::Bool(code != 0),
            (0xffff, 2) => error(code),
            // Text, which comes later, or none.
            (0xffff, _) => CellValue::Empty,
            _ => number(f64_at(data, 6)),
        };
        self.put(data, value)?;
        let at =
            tokens::Place { row: u32::from(u16_at(data, 0)), column: u32::from(u16_at(data, 2)) };
        let row = at.row + 1;
        self.last = Some((row, self.row_of(row).cells.len() - 1));
        match self.formulas.own(self.rules, at, data) {
            Found::Follows => self.follows = true,
            Found::Formula(formula) => {
                if let Some(cell) = self.last_cell() {
                    cell.formula = formula.map(Box::new);
                }
            }
        }
        Ok(())
    }

    /// What the cell of the last formula shares with others.
    fn shared(&mut self, record: &Record<'_>) {
        if !std::mem::take(&mut self.follows) {
            return;
        }
        let (rules, data) = (self.rules, record.data);
        let Some((row, column)) =
            self.last.map(|it| it.0).zip(self.last_cell().map(|it| it.column))
        else {
            return;
        };
        let at = tokens::Place { row: row - 1, column: column - 1 };
        let formula = if record.kind == SHARED {
            self.formulas.shared(rules, at, data)
        } else {
            self.formulas.array(rules, at, data)
        };
        if let Some(cell) = self.last_cell() {
            cell.formula = formula.map(Box::new);
        }
    }

    /// A formula that only points to another one that never came.
    fn settle(&mut self) {
        if std::mem::take(&mut self.follows) {
            self.formulas.missed();
        }
    }

    fn last_cell(&mut self) -> Option<&mut Cell> {
        let (row, at) = self.last?;
        self.rows.get_mut(&row)?.cells.get_mut(at)
    }

    fn merges(&mut self, data: &[u8]) {
        let count = usize::from(u16_at(data, 0));
        for at in (0..count).map(|it| 2 + it * 8).take_while(|at| at + 8 <= data.len()) {
            let part = |part: usize| u32::from(u16_at(data, at + part * 2)) + 1;
            self.page.merges.push([part(0), part(1), part(2), part(3)]);
        }
    }
}

fn number(value: f64) -> CellValue {
    if value.is_finite() { CellValue::Number(value) } else { CellValue::Error(CellError::Num) }
}

/// A number in four bytes: a whole one or half a float, perhaps a hundredfold.
fn short(bits: u32) -> f64 {
    let value = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { value / 100.0 } else { value }
}

fn error(code: u8) -> CellValue {
    CellValue::Error(match code {
        0x00 => CellError::Null,
        0x07 => CellError::Div0,
        0x17 => CellError::Ref,
        0x1d => CellError::Name,
        0x24 => CellError::Num,
        0x2a => CellError::Na,
        _ => CellError::Value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_four_bytes() {
        assert_eq!(short(5 << 2 | 2), 5.0);
        assert_eq!(short((-5_i32 << 2).cast_unsigned() | 2), -5.0);
        assert_eq!(short(1234 << 2 | 3), 12.34);
        assert_eq!(short(0x3ff0_0000), 1.0);
    }
}
