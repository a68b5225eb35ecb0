//! Places of cells as tokens have them.

use super::Form;
use crate::office::legacy::bytes::{u8_at, u16_at, u32_at};
use crate::office::plain::sheet::letters;

/// A cell, counted from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(in crate::office) struct Place {
    pub row: u32,
    pub column: u32,
}

/// Bytes of a cell in a token.
pub(super) const fn cell_bytes(form: Form) -> usize {
    match form {
        Form::Five(_) => 3,
        Form::Eight => 4,
        Form::Twelve => 6,
    }
}

/// Bytes of a range in a token.
pub(super) const fn area_bytes(form: Form) -> usize {
    cell_bytes(form) * 2
}

/// Where relative places count from, and how far a sheet goes.
pub(super) struct Origin {
    form: Form,
    at: Place,
    rows: u32,
    columns: u32,
}

/// A row or column, and whether it moves with its formula.
#[derive(Clone, Copy)]
struct Line {
    number: u32,
    moves: bool,
}

impl Origin {
    pub(super) const fn of(form: Form, at: Place) -> Self {
        let (rows, columns) = match form {
            Form::Five(_) => (1 << 14, 1 << 8),
            Form::Eight => (1 << 16, 1 << 8),
            Form::Twelve => (1 << 20, 1 << 14),
        };
        Self { form, at, rows, columns }
    }

    /// `$A$1`.
    pub(super) fn cell(&self, bytes: &[u8], offsets: bool) -> String {
        let (row, column) = match self.form {
            Form::Five(_) => (u32::from(u16_at(bytes, 0)), u32::from(u8_at(bytes, 2))),
            Form::Eight => (u32::from(u16_at(bytes, 0)), u32::from(u16_at(bytes, 2))),
            Form::Twelve => (u32_at(bytes, 0), u32::from(u16_at(bytes, 4))),
        };
        let (row, column) = self.lines(row, column, offsets);
        self.column(column) + &self.row(row)
    }

    /// `$A$1:B2`, `A:B` for whole columns, `1:2` for whole rows.
    pub(super) fn area(&self, bytes: &[u8], offsets: bool) -> String {
        let half = |at: usize| u32::from(u16_at(bytes, at));
        let [top, bottom, left, right] = match self.form {
            Form::Five(_) => {
                let column = |at: usize| u32::from(u8_at(bytes, at));
                [half(0), half(2), column(4), column(5)]
            }
            Form::Eight => [half(0), half(2), half(4), half(6)],
            Form::Twelve => [u32_at(bytes, 0), u32_at(bytes, 4), half(8), half(10)],
        };
        let (top, left) = self.lines(top, left, offsets);
        let (bottom, right) = self.lines(bottom, right, offsets);
        if top.number == 0 && bottom.number == self.rows - 1 {
            return format!("{}:{}", self.column(left), self.column(right));
        }
        if left.number == 0 && right.number == self.columns - 1 {
            return format!("{}:{}", self.row(top), self.row(bottom));
        }
        let first = self.column(left) + &self.row(top);
        format!("{first}:{}{}", self.column(right), self.row(bottom))
    }

    /// Excel 5 says in the row what moves, later ones in the column.
    fn lines(&self, row: u32, column: u32, offsets: bool) -> (Line, Line) {
        let flags = if matches!(self.form, Form::Five(_)) { row } else { column };
        let (row_moves, column_moves) = (flags & 0x8000 != 0, flags & 0x4000 != 0);
        let line = |number: u32, moves: bool, from: u32, count: u32| {
            let number = if offsets && moves { number.wrapping_add(from) } else { number };
            Line { number: number & (count - 1), moves }
        };
        (
            line(row, row_moves, self.at.row, self.rows),
            line(column, column_moves, self.at.column, self.columns),
        )
    }

    fn row(&self, line: Line) -> String {
        let mark = if line.moves { "" } else { "$" };
        format!("{mark}{}", line.number + 1)
    }

    fn column(&self, line: Line) -> String {
        let mark = if line.moves { "" } else { "$" };
        format!("{mark}{}", letters(line.number + 1))
    }
}

/// `A1:B2` for a range counted from 0, `A1` for one cell.
pub(in crate::office) fn area(first: Place, last: Place) -> String {
    let cell =
        |it: Place| format!("{}{}", letters(it.column.saturating_add(1)), it.row.saturating_add(1));
    if first == last { cell(first) } else { format!("{}:{}", cell(first), cell(last)) }
}
