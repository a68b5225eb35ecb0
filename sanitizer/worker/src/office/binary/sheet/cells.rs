//! Rows and cells.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::super::fields::Fields;
use super::super::records::Record;
use super::super::text::{attribute, element, rich, switch};
use super::super::{Binary, formulas};
use crate::office::plain::escaped;
use crate::office::plain::sheet::letters;
use crate::office::tokens::{self, Place, area};

const ROW: u16 = 0;
/// Kinds of cells: with their column, and right of the one before.
const CELLS: std::ops::RangeInclusive<u16> = 1..=11;
const NEXT_CELLS: std::ops::RangeInclusive<u16> = 12..=18;
const RICH: u16 = 62;
const FORMULA_TEXT: u16 = 8;
const ARRAY: u16 = 426;
const SHARED: u16 = 427;

/// Spells cells.
pub(super) struct Cells<'b> {
    binary: &'b Binary,
    pub xml: String,
    pub left_out: u32,
    at: Place,
    in_row: bool,
    /// A cell whose formula may come in the next record.
    waiting: Option<Waiting>,
    /// Shared formulas by the cell that has them.
    groups: HashMap<Place, usize>,
}

struct Waiting {
    at: Place,
    start: String,
    end: String,
    /// It is known already, or the cell only points to another.
    formula: Option<String>,
}

impl<'b> Cells<'b> {
    pub(super) fn new(binary: &'b Binary) -> Self {
        Self {
            binary,
            xml: String::new(),
            left_out: 0,
            at: Place::default(),
            in_row: false,
            waiting: None,
            groups: HashMap::new(),
        }
    }

    pub(super) fn take(&mut self, record: &Record<'_>) {
        let mut fields = Fields::new(record.data);
        match record.kind {
            ROW => self.row(&mut fields),
            ARRAY => self.array(&mut fields),
            SHARED => self.shared(&mut fields),
            kind if CELLS.contains(&kind) || kind == RICH => {
                self.at.column = fields.u32();
                self.cell(kind, &mut fields);
            }
            kind if NEXT_CELLS.contains(&kind) => {
                self.at.column = self.at.column.wrapping_add(1);
                self.cell(kind - 11, &mut fields);
            }
            _ => {}
        }
    }

    pub(super) fn end(&mut self) {
        self.flush();
        if std::mem::take(&mut self.in_row) {
            self.xml.push_str("</row>");
        }
    }

    fn row(&mut self, fields: &mut Fields<'_>) {
        self.end();
        self.at = Place { row: fields.u32(), column: u32::MAX };
        let (format, height) = (fields.u32(), fields.u16());
        fields.u8();
        let (marks, shown) = (fields.u8(), fields.u8());
        let out = &mut self.xml;
        out.push_str("<row");
        attribute(out, "r", u64::from(self.at.row) + 1);
        if marks & 0x40 != 0 {
            attribute(out, "s", format & 0x00ff_ffff);
            attribute(out, "customFormat", 1);
        }
        if marks & 0x20 != 0 {
            attribute(out, "ht", f64::from(height) / 20.0);
            attribute(out, "customHeight", 1);
        }
        switch(out, "hidden", marks & 0x10 != 0);
        if marks & 0x07 != 0 {
            attribute(out, "outlineLevel", marks & 0x07);
        }
        switch(out, "collapsed", marks & 0x08 != 0);
        switch(out, "ph", shown & 1 != 0);
        out.push('>');
        self.in_row = true;
    }

    fn cell(&mut self, kind: u16, fields: &mut Fields<'_>) {
        self.flush();
        if !self.in_row {
            return;
        }
        let format = fields.u32() & 0x00ff_ffff;
        let reference =
            format!("{}{}", letters(self.at.column.wrapping_add(1)), u64::from(self.at.row) + 1);
        let mut start = format!("<c r=\"{reference}\" s=\"{format}\"");
        let (kind_of_value, value) = self.value(kind, fields);
        if let Some(it) = kind_of_value {
            attribute(&mut start, "t", it);
        }
        start.push('>');
        let formula = (FORMULA_TEXT..=11).contains(&kind).then(|| {
            fields.u16();
            let parts = fields.formula();
            match formulas::shared_with(parts) {
                None => {
                    let text = formulas::text(self.binary, parts, self.at);
                    Some(format!("<f>{}</f>", escaped(&text)))
                }
                Some(first) => {
                    let group = self.groups.get(&first)?;
                    Some(format!("<f t=\"shared\" si=\"{group}\"/>"))
                }
            }
        });
        let end = format!("{value}</c>");
        match formula {
            None => {
                self.xml.push_str(&start);
                self.xml.push_str(&end);
            }
            Some(formula) => {
                self.waiting = Some(Waiting { at: self.at, start, end, formula });
            }
        }
    }

    /// The type of a value, and the value.
    fn value(&mut self, kind: u16, fields: &mut Fields<'_>) -> (Option<&'static str>, String) {
        let mut out = String::new();
        let kind = match kind {
            2 => return number(short(fields.u32())),
            5 | 9 => return number(fields.f64()),
            3 | 11 => {
                let error = tokens::error(fields.u8()).unwrap_or("#VALUE!");
                element(&mut out, "v", error);
                "e"
            }
            4 | 10 => {
                let _ = write!(out, "<v>{}</v>", u8::from(fields.u8() != 0));
                "b"
            }
            6 => {
                let _ = write!(out, "<is><t>{}</t></is>", escaped(&fields.text()));
                "inlineStr"
            }
            RICH => {
                let text = rich(fields, self.binary, &mut self.left_out);
                let _ = write!(out, "<is>{text}</is>");
                "inlineStr"
            }
            7 => {
                let _ = write!(out, "<v>{}</v>", fields.u32());
                "s"
            }
            FORMULA_TEXT => {
                element(&mut out, "v", &fields.text());
                "str"
            }
            _ => return (None, out),
        };
        (Some(kind), out)
    }

    fn array(&mut self, fields: &mut Fields<'_>) {
        let Some(cell) = self.waiting.as_mut().filter(|it| it.formula.is_none()) else {
            return;
        };
        let range = fields.range_text();
        fields.u8();
        let text = escaped(&formulas::text(self.binary, fields.formula(), cell.at));
        cell.formula = Some(format!("<f t=\"array\" ref=\"{range}\">{text}</f>"));
    }

    fn shared(&mut self, fields: &mut Fields<'_>) {
        let Some(cell) = self.waiting.as_mut().filter(|it| it.formula.is_none()) else {
            return;
        };
        let [first, last] = fields.range();
        let range = area(Place { row: cell.at.row, column: first.column }, last);
        let text = escaped(&formulas::text(self.binary, fields.formula(), cell.at));
        let group = self.groups.len();
        self.groups.insert(cell.at, group);
        cell.formula = Some(format!("<f t=\"shared\" ref=\"{range}\" si=\"{group}\">{text}</f>"));
    }

    /// Writes the cell that waited.
    fn flush(&mut self) {
        if let Some(cell) = self.waiting.take() {
            self.xml.push_str(&cell.start);
            // What it points to never came: only the value stays, and is counted.
            self.xml.push_str(cell.formula.as_deref().unwrap_or("<f>?</f>"));
            self.xml.push_str(&cell.end);
        }
    }
}

fn number(value: f64) -> (Option<&'static str>, String) {
    if value.is_finite() {
        (None, format!("<v>{value}</v>"))
    } else {
        (Some("e"), "<v>#NUM!</v>".to_owned())
    }
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
