//! Values become what is written: numbers, widths, kana, characters. Each change is noted, and an
//! application whose values cannot be written is named with the reason.

use unicode_segmentation::UnicodeSegmentation;

use super::characters::{Change, Characters, Fitted, How};
use super::csv;
use super::gaiji_table::GaijiTable;
use super::layout::{Column, ColumnSource, Layout, Letters, NumberFormat, Overflow, SystemValue};
use super::shape::{MOST_CELL, Shape};
use super::writer::Totals;
use crate::forms::expr::Decimal;
use crate::text;

/// Turns the values of applications into records of one generation.
#[derive(Debug)]
pub struct Recorder {
    layout: Layout,
    rules: Characters,
    totals: Vec<Decimal>,
    records: u64,
    /// Sums and records when the file that is being written began.
    begun: (Vec<Decimal>, u64),
}

/// One application as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Values by column; only XML has several in one.
    pub cells: Vec<Vec<String>>,
    /// Column from 0, and what was changed in it.
    pub changes: Vec<(usize, Change)>,
}

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Column from 0.
    pub column: usize,
    /// Why.
    pub why: Why,
}

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// These characters, each once.
    Characters(String),
    /// More bytes than the column has.
    TooLong {
        /// Bytes of the value.
        bytes: usize,
        /// Bytes of the column.
        width: usize,
    },
    /// No value where one is required.
    Missing,
    /// Not a number, or with more digits behind the point than the column has.
    Number,
    /// The sum of the column has more than fifteen digits.
    Total,
}

impl Recorder {
    /// A recorder of one generation. `table` is empty for a profile that names none.
    #[must_use]
    pub fn new(layout: Layout, table: GaijiTable) -> Self {
        let rules = Characters::new(&layout.profile, layout.profile.encoding, table);
        let totals = vec![Decimal::from(0); layout.columns.len()];
        let begun = (totals.clone(), 0);
        Self { layout, rules, totals, records: 0, begun }
    }

    /// Makes a record of the values of one application and counts it.
    /// # Errors
    /// Every column that cannot be written; nothing is counted then.
    pub fn record(&mut self, values: &[Vec<String>]) -> Result<Record, Vec<Refusal>> {
        let mut record = Record { cells: Vec::new(), changes: Vec::new() };
        let (mut refused, mut totals) = (Vec::new(), self.totals.clone());
        let flags = self.layout.columns.iter().map(is_flag).collect::<Vec<_>>();
        for (n, (column, values)) in self.layout.columns.iter().zip(values).enumerate() {
            match self.cell(column, values, &mut totals[n]) {
                Ok((texts, changes)) => {
                    record.cells.push(texts);
                    record.changes.extend(changes.into_iter().map(|change| (n, change)));
                }
                Err(why) => refused.push(Refusal { column: n, why }),
            }
            if totals[n].minus(self.begun.0[n]).is_none() {
                refused.push(Refusal { column: n, why: Why::Total });
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let flagged = record.changes.iter().any(|(_, change)| change.how.flags());
        for (cell, _) in record.cells.iter_mut().zip(flags).filter(|(_, flag)| *flag) {
            *cell = vec![u8::from(flagged).to_string()];
        }
        self.totals = totals;
        self.records += 1;
        Ok(record)
    }

    /// Records made.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Sums of the columns that are summed up, written like the column.
    #[must_use]
    pub fn totals(&self) -> Vec<(String, String)> {
        self.sums(|n| Some(self.totals[n]))
    }

    /// Records made since the file that is being written began.
    #[must_use]
    pub const fn in_file(&self) -> u64 {
        self.records - self.begun.1
    }

    /// Ends a file: what is in it. The next record begins another one.
    pub fn end_file(&mut self) -> Totals {
        let sums = self.sums(|n| self.totals[n].minus(self.begun.0[n]));
        let records = self.in_file();
        self.begun = (self.totals.clone(), self.records);
        Totals { records, sums }
    }

    fn sums(&self, of: impl Fn(usize) -> Option<Decimal>) -> Vec<(String, String)> {
        let columns = self.layout.columns.iter().enumerate();
        let summed = columns.filter_map(|(n, column)| {
            let format = column.number.filter(|number| number.total)?;
            Some((column.id.clone(), written(of(n)?, format)?))
        });
        summed.collect()
    }

    fn cell(
        &self,
        column: &Column,
        values: &[String],
        total: &mut Decimal,
    ) -> Result<(Vec<String>, Vec<Change>), Why> {
        let whole = [values.join(&self.layout.profile.joiner)];
        let values = match self.layout.shape {
            Shape::Xml(_) if values.len() > 1 => values,
            Shape::Csv | Shape::Fixed(_) | Shape::Spreadsheet(_) | Shape::Xml(_) => &whole,
        };
        let (mut texts, mut changes) = (Vec::new(), Vec::new());
        for value in values {
            let fitted = self.value(column, value, total)?;
            texts.push(fitted.text);
            changes.extend(fitted.changes);
        }
        Ok((texts, changes))
    }

    fn value(&self, column: &Column, value: &str, total: &mut Decimal) -> Result<Fitted, Why> {
        let value = if value.is_empty() {
            if column.required {
                return Err(Why::Missing);
            }
            column.empty.clone()
        } else {
            match column.number {
                Some(format) => number(value, format, total)?,
                None => letters(value, column.letters),
            }
        };
        let shaped = match self.layout.shape {
            Shape::Csv => csv::plain(&self.layout.profile, &value),
            Shape::Fixed(_) => csv::one_line(&self.layout.profile, &value),
            Shape::Xml(_) | Shape::Spreadsheet(_) => value,
        };
        let fitted = self.rules.fit(&shaped);
        if !fitted.refused.is_empty() {
            let mut each = fitted.refused;
            each.sort();
            each.dedup();
            return Err(Why::Characters(each.concat()));
        }
        self.within(column, fitted)
    }

    /// Cuts or refuses a value that is longer than its column.
    fn within(&self, column: &Column, mut fitted: Fitted) -> Result<Fitted, Why> {
        let bytes = self.bytes(&fitted.text);
        let sheet = matches!(self.layout.shape, Shape::Spreadsheet(_));
        let too_many = sheet && fitted.text.encode_utf16().count() > MOST_CELL;
        let width = match column.width {
            Some(width) if bytes > width as usize => width as usize,
            Some(_) | None if too_many => MOST_CELL,
            Some(_) | None => return Ok(fitted),
        };
        match column.overflow {
            Overflow::Error => Err(Why::TooLong { bytes, width }),
            Overflow::Truncate => {
                let (place, kept, cut) = self.cut(&fitted.text, width);
                fitted.text = kept;
                fitted.changes.retain(|change| change.place < place);
                let written = String::new();
                fitted.changes.push(Change { place, character: cut, written, how: How::Cut });
                Ok(fitted)
            }
        }
    }

    /// How many characters fit into these bytes, those, and the first that does not.
    fn cut(&self, text: &str, width: usize) -> (usize, String, String) {
        let (mut kept, mut bytes) = (String::new(), 0);
        for (place, character) in text.graphemes(true).enumerate() {
            bytes += self.bytes(character);
            if bytes > width {
                return (place, kept, character.to_owned());
            }
            kept.push_str(character);
        }
        (kept.graphemes(true).count(), kept, String::new())
    }

    /// Every text here was found to fit before.
    fn bytes(&self, text: &str) -> usize {
        self.layout.profile.encoding.exact(text).map_or(text.len(), |bytes| bytes.len())
    }
}

fn is_flag(column: &Column) -> bool {
    matches!(column.source, ColumnSource::System(SystemValue::ChangedFlag))
}

fn number(value: &str, format: NumberFormat, total: &mut Decimal) -> Result<String, Why> {
    let plain = text::narrow(value).replace(',', "");
    let read: Decimal = plain.trim().parse().map_err(|_| Why::Number)?;
    if format.total {
        *total = total.plus(read).ok_or(Why::Total)?;
    }
    written(read, format).ok_or(Why::Number)
}

/// `None` when the number has more digits behind the point than the column.
pub(super) fn written(number: Decimal, format: NumberFormat) -> Option<String> {
    if number.decimals() > format.decimals {
        return None;
    }
    let plain = number.to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = usize::from(format.decimals);
    Some(match (format.implied_point, digits) {
        (_, 0) => whole.to_owned(),
        (true, _) => format!("{whole}{fraction:0<digits$}"),
        (false, _) => format!("{whole}.{fraction:0<digits$}"),
    })
}

fn letters(value: &str, letters: Letters) -> String {
    match letters {
        Letters::Keep => value.to_owned(),
        Letters::Half => text::half(value),
        Letters::Full => text::widen(value).unwrap_or_else(|_| value.to_owned()),
        Letters::Katakana => text::hira_to_kata(value),
    }
}
