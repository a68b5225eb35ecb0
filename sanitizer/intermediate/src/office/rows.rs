//! The rows of a sheet, packed: a workbook may have a million of them, and one
//! at a time is all that anybody needs.

use super::Value;
use super::sheet::{CellValue, MAX_ROWS, Row};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// Rows of a sheet in their binary form, some 40 bytes for one of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// One row behind the other, as they cross the pipe.
    packed: Vec<u8>,
    count: u32,
    /// The greatest number of a text that a cell names.
    last_text: Option<u32>,
}

impl Rows {
    /// Adds a row behind the others.
    pub fn push(&mut self, row: &Row) {
        let texts = row.cells.iter().filter_map(|it| match it.value {
            CellValue::Shared(at) => Some(at),
            CellValue::Empty
            | CellValue::Number(_)
            | CellValue::Bool(_)
            | CellValue::Error(_)
            | CellValue::Text(_)
            | CellValue::Date(_) => None,
        });
        self.last_text = self.last_text.max(texts.max());
        let mut to = Writer::new(&mut self.packed);
        row.encode(&mut to);
        // Memory takes everything.
        if to.finish().is_ok() {
            self.count = self.count.saturating_add(1);
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The greatest number of a text that a cell names.
    #[must_use]
    pub fn last_text(&self) -> Option<u32> {
        self.last_text
    }

    /// The rows, one after the other.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { left: &self.packed }
    }

    /// The same rows by their numbers; those of the same number keep their order.
    #[must_use]
    pub fn sorted(self) -> Self {
        let mut places = Vec::with_capacity(self.len());
        let mut rows = self.iter();
        let mut start = 0;
        while let Some(row) = rows.next() {
            let end = self.packed.len() - rows.left.len();
            places.push((row.number(), start..end));
            start = end;
        }
        if places.is_sorted_by_key(|it| it.0) {
            return self;
        }
        places.sort_by_key(|it| it.0);
        let mut packed = Vec::with_capacity(self.packed.len());
        for (_, place) in places {
            packed.extend_from_slice(&self.packed[place]);
        }
        Self { packed, ..self }
    }
}

impl Row {
    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> i64 {
        match self.shape.view().value("r") {
            Some(Value::Int(number)) => *number,
            _ => 0,
        }
    }
}

/// Goes through rows.
#[derive(Debug, Clone)]
pub struct Iter<'r> {
    left: &'r [u8],
}

impl Iterator for Iter<'_> {
    type Item = Row;

    /// Ends early at a row that no grammar knows, which only an encoder at fault could have left.
    fn next(&mut self) -> Option<Row> {
        if self.left.is_empty() {
            return None;
        }
        let length = self.left.len() as u64;
        Row::decode(&mut Reader::new(&mut self.left, length)).ok()
    }
}

impl<'r> IntoIterator for &'r Rows {
    type Item = Row;
    type IntoIter = Iter<'r>;

    fn into_iter(self) -> Iter<'r> {
        self.iter()
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut packed = Self::default();
        rows.into_iter().for_each(|it| packed.push(&it));
        packed
    }
}

impl Encode for Rows {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u32(self.count);
        to.packed(&self.packed);
    }
}

impl Decode for Rows {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = from.u32()?;
        if count > MAX_ROWS {
            return Err(DecodeError::TooLong);
        }
        let mut rows = Self::default();
        for _ in 0..count {
            rows.push(&from.value::<Row>()?);
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::{Bag, Cell, Props, shapes};

    fn row(number: i64, text: u32) -> Row {
        let shape: Props<shapes::RowShape> =
            Bag { attributes: vec![(0, Value::Int(number))], ..Bag::default() }.into();
        let value = CellValue::Shared(text);
        Row { shape, cells: vec![Cell { column: 2, style: 1, value, formula: None }] }
    }

    #[test]
    fn rows_come_back_one_by_one_and_in_their_order() {
        let given = [row(7, 3), row(2, 9), row(7, 1)];
        let rows: Rows = given.iter().cloned().collect();
        assert_eq!((rows.len(), rows.last_text()), (3, Some(9)));
        assert!(rows.iter().eq(given.iter().cloned()));
        let sorted = rows.sorted();
        assert!(sorted.iter().eq([row(2, 9), row(7, 3), row(7, 1)]));
        assert_eq!(sorted.last_text(), Some(9));
    }

    /// NF-32: a row of a cell takes no more room than its numbers need.
    #[test]
    fn many_rows_take_little_room() {
        let rows: Rows = (1..=1_000).map(|it| row(it, 0)).collect();
        assert!(rows.packed.len() <= 40_000, "{}", rows.packed.len());
    }
}
