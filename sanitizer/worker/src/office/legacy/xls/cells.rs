//! Rows and cells of a sheet.

use std::collections::BTreeMap;

use sanitizer_intermediate::office::{Cell, CellError, CellValue, Visibility};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Place, RemovedKind};

use super::records::{Record, Records};
use super::strings::unicode;
use super::{BOF, EOF, Globals};
use crate::office::legacy::bytes::{f64_at, slice, u8_at, u16_at, u32_at};
use crate::office::plain::sheet::{Book, Page, PlainRow};

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
const MERGES: u16 = 0xe5;
const COLUMNS: u16 = 0x7d;
const LINK: u16 = 0x1b8;
const OBJECT: u16 = 0x5d;
/// An object that is a drawn note or picture is no matter of its own.
const CONTROLS: [u16; 8] = [0x07, 0x0b, 0x0c, 0x0d, 0x10, 0x11, 0x12, 0x14];

/// Reads the sheet that starts here.
///
/// # Errors
/// [`HoldReason`] when it has too many cells.
pub(super) fn read(
    stream: &[u8],
    start: usize,
    globals: &Globals,
    book: &mut Book,
    cells_left: &mut u32,
    findings: &mut Findings,
    number: u32,
) -> Result<Page, HoldReason> {
    let mut reader = Reader {
        globals,
        book,
        rows: BTreeMap::new(),
        cells_left,
        formulas: 0,
        links: 0,
        drawings: 0,
        controls: 0,
        awaiting: None,
        page: Page {
            name: String::new(),
            visibility: Visibility::Visible,
            rows: Vec::new(),
            merges: Vec::new(),
            columns: Vec::new(),
        },
    };
    let mut depth = 0_u32;
    for record in Records::new(stream, start) {
        match record.kind {
            BOF => depth += 1,
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            // Charts within the sheet have records of the same kinds.
            _ if depth != 1 => {}
            _ => reader.take(&record)?,
        }
    }
    let place = Place::Sheet(number);
    findings.change(ChangedKind::FormulasToValues, reader.formulas, place);
    findings.remove(RemovedKind::Links, reader.links, place);
    findings.remove(RemovedKind::ActiveX, reader.controls, place);
    findings.remove(RemovedKind::Pictures, reader.drawings, place);
    reader.page.rows = reader.rows.into_values().collect();
    Ok(reader.page)
}

struct Reader<'r, 'l> {
    globals: &'r Globals,
    book: &'r mut Book,
    rows: BTreeMap<u32, PlainRow>,
    cells_left: &'l mut u32,
    formulas: u32,
    links: u32,
    drawings: u32,
    controls: u32,
    /// The cell whose text comes in a record of its own.
    awaiting: Option<(u32, u32, u32)>,
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
                let value = match self.globals.texts.get(at) {
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
                if let Some((row, column, format)) = self.awaiting.take() {
                    let text = self.result(data);
                    self.insert(row, column, format, text)?;
                }
            }
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
            OBJECT => {
                let kind = u16_at(data, 4);
                if CONTROLS.contains(&kind) {
                    self.controls += 1;
                } else if matches!(kind, 0x05 | 0x08) {
                    self.drawings += 1;
                }
            }
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
        let length = usize::from(u16_at(data, at));
        let rest = data.get(at + 2..).unwrap_or_default();
        let text = if self.globals.is_8 {
            unicode(rest, length)
        } else {
            self.globals.encoding.decode(slice(rest, 0, length.min(rest.len()))).0.into_owned()
        };
        self.book.text(&text)
    }

    /// The text a formula made; like a label without a place.
    fn result(&mut self, data: &[u8]) -> CellValue {
        self.label(data, 0)
    }

    fn formula(&mut self, data: &[u8]) -> Result<(), HoldReason> {
        self.formulas += 1;
        self.awaiting = None;
        if u16_at(data, 12) != 0xffff {
            return self.put(data, number(f64_at(data, 6)));
        }
        let code = u8_at(data, 8);
        let value = match u8_at(data, 6) {
            0 => {
                let (row, column) =
                    (u32::from(u16_at(data, 0)) + 1, u32::from(u16_at(data, 2)) + 1);
                self.awaiting = Some((row, column, u32::from(u16_at(data, 4))));
                return Ok(());
            }
            1 => CellValue::Bool(code != 0),
            2 => error(code),
            _ => CellValue::Empty,
        };
        self.put(data, value)
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
