//! Rows and cells, read one at a time.

use std::collections::HashSet;

use sanitizer_intermediate::office::{
    Cell, CellError, CellFormula, CellValue, Formula, MAX_COLUMNS, MAX_ROWS, Props, Row, Rows,
    Space, is_range, shapes,
};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place};

use super::strings::cell_text;
use super::tab::TabReader;
use crate::office::shape::{self, NoLinks};
use crate::office::xml::{Element, Ns, Pull};

/// Reads `sheetData` to its end.
pub(super) fn read(
    pull: &mut Pull<'_>,
    reader: &mut TabReader<'_, '_>,
) -> Result<Rows, HoldReason> {
    let mut cells = Cells { reader, groups: HashSet::new(), row: 0, column: 0 };
    let mut rows = Rows::default();
    let (mut last, mut in_order) = (0, true);
    while let Some(element) = pull.next_element()? {
        if element.is(Space::S, "row") {
            if let Some(row) = cells.row(pull, element)? {
                in_order &= last <= cells.row;
                last = cells.row;
                rows.push(&row);
            }
        } else {
            pull.skip()?;
        }
    }
    Ok(if in_order { rows } else { rows.sorted() })
}

struct Cells<'c, 't, 'f> {
    reader: &'c mut TabReader<'t, 'f>,
    /// Shared formulas that stayed.
    groups: HashSet<u32>,
    row: u32,
    column: u32,
}

impl Cells<'_, '_, '_> {
    fn row(&mut self, pull: &mut Pull<'_>, mut opened: Element) -> Result<Option<Row>, HoldReason> {
        let given = opened.attribute("r").and_then(|it| it.parse().ok());
        self.row = given.unwrap_or(self.row.saturating_add(1));
        self.column = 0;
        opened.attributes.retain(|it| &*it.1 != "r");
        let opened = opened.with(Ns::None, "r", self.row.to_string());
        let shape: Props<shapes::RowShape> = shape::props(&opened, &mut NoLinks)?;
        let mut cells: Vec<Cell> = Vec::new();
        while let Some(element) = pull.next_element()? {
            let element = pull.take(element)?;
            if element.is(Space::S, "c") {
                cells.extend(self.cell(&element)?);
            }
        }
        if !cells.is_sorted_by_key(|it| it.column) {
            cells.sort_by_key(|it| it.column);
        }
        cells.dedup_by_key(|it| it.column);
        Ok((1..=MAX_ROWS).contains(&self.row).then_some(Row { shape, cells }))
    }

    fn cell(&mut self, element: &Element) -> Result<Option<Cell>, HoldReason> {
        let left = self.reader.cells_left.checked_sub(1).ok_or(HoldReason::TooComplex)?;
        self.reader.cells_left = left;
        let given = element.attribute("r").and_then(column_of);
        self.column = given.unwrap_or(self.column.saturating_add(1));
        if !(1..=MAX_COLUMNS).contains(&self.column) {
            return Ok(None);
        }
        let formula = element.child("f").and_then(|it| self.formula(it));
        let value = self.value(element)?;
        let style = element.attribute("s").and_then(|it| it.parse().ok()).unwrap_or_default();
        let formula = formula.map(Box::new);
        Ok(Some(Cell { column: self.column, style, value, formula }))
    }

    fn value(&mut self, element: &Element) -> Result<CellValue, HoldReason> {
        if let Some(inline) = element.child("is") {
            let text = cell_text(inline)?;
            return Ok(CellValue::Shared(self.reader.strings.add(text)));
        }
        let Some(text) = element.child("v").map(Element::own_text) else {
            return Ok(CellValue::Empty);
        };
        let trimmed = text.trim();
        Ok(match element.attribute("t").unwrap_or("n") {
            "s" => {
                let number = trimmed.parse().ok();
                let at = number.and_then(|it| self.reader.strings.shared(it));
                at.map_or(CellValue::Empty, CellValue::Shared)
            }
            "b" => CellValue::Bool(matches!(trimmed, "1" | "true")),
            "e" => CellValue::Error(CellError::from_code(trimmed).unwrap_or(CellError::Value)),
            "str" => CellValue::Text(text),
            "d" => CellValue::date(trimmed).unwrap_or(CellValue::Text(text)),
            _ if trimmed.is_empty() => CellValue::Empty,
            _ => match trimmed.parse::<f64>() {
                Ok(number) if number.is_finite() => CellValue::Number(number),
                _ => CellValue::Text(text),
            },
        })
    }

    fn formula(&mut self, element: &Element) -> Option<CellFormula> {
        if self.reader.values_only {
            self.valued();
            return None;
        }
        let text = element.own_text();
        let range = element.attribute("ref").filter(|it| is_range(it)).map(str::to_owned);
        match element.attribute("t").unwrap_or("normal") {
            "shared" => {
                let group = element.attribute("si")?.parse().ok()?;
                if self.groups.contains(&group) {
                    return Some(CellFormula::SharedNext(group));
                }
                if text.trim().is_empty() {
                    // Its first cell kept only the value, and so does this one.
                    self.valued();
                    return None;
                }
                let formula = self.keep(&text)?;
                let Some(range) = range else {
                    return Some(CellFormula::Own(formula));
                };
                self.groups.insert(group);
                Some(CellFormula::SharedFirst { group, range, formula })
            }
            "array" => {
                let formula = self.keep(&text)?;
                Some(CellFormula::Array { range: range?, formula })
            }
            "dataTable" => {
                self.valued();
                None
            }
            _ if text.trim().is_empty() => None,
            _ => self.keep(&text).map(CellFormula::Own),
        }
    }

    fn keep(&mut self, text: &str) -> Option<Formula> {
        match self.reader.formulas.keep(text) {
            Ok(formula) => Some(formula),
            Err(kind) => {
                if let Some(kind) = kind {
                    self.reader.package.remove(kind, 1, self.place());
                }
                self.valued();
                None
            }
        }
    }

    fn valued(&mut self) {
        let place = self.place();
        self.reader.package.findings.change(ChangedKind::FormulasToValues, 1, place);
    }

    fn place(&self) -> Place {
        Place::Cell { sheet: self.reader.number, row: self.row, column: self.column }
    }
}

/// The column of `B7`, from 1.
pub(super) fn column_of(cell: &str) -> Option<u32> {
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters
        .take(4)
        .fold(0_u32, |sum, it| sum * 26 + u32::from(it.to_ascii_uppercase() - b'A') + 1);
    (number > 0).then_some(number)
}

/// The row of `B7`.
pub(super) fn row_of(cell: &str) -> Option<u32> {
    cell.trim_start_matches(|it: char| it.is_ascii_alphabetic()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        assert_eq!((column_of("A1"), row_of("A1")), (Some(1), Some(1)));
        assert_eq!(
            (column_of("XFD1048576"), row_of("XFD1048576")),
            (Some(16_384), Some(1_048_576))
        );
        assert_eq!((column_of("7"), row_of("B")), (None, None));
    }
}
