//! Rows and cells.

use sanitizer_intermediate::office::{Cell, CellFormula, CellValue, Rows, Shape, Space, shapes};

use crate::build::office::part::References;
use crate::build::office::xml::Xml;

/// Writes `sheetData`.
pub(super) fn write(xml: &mut Xml, rows: &Rows, references: &mut References<'_>) {
    xml.open_tag(Space::S, "sheetData");
    if rows.is_empty() {
        xml.end_empty();
        return;
    }
    xml.end_tag();
    for row in rows {
        xml.open_tag(Space::S, "row");
        xml.attributes(&row.shape.bag, shapes::RowShape::id(), references);
        if row.cells.is_empty() {
            xml.end_empty();
            continue;
        }
        xml.end_tag();
        let number = row.number();
        for cell in &row.cells {
            write_cell(xml, cell, number);
        }
        xml.close(Space::S, "row");
    }
    xml.close(Space::S, "sheetData");
}

fn write_cell(xml: &mut Xml, cell: &Cell, row: i64) {
    xml.open_tag(Space::S, "c");
    xml.attribute("r", &format!("{}{row}", column_name(cell.column)));
    if cell.style != 0 {
        xml.attribute("s", &cell.style.to_string());
    }
    let (kind, value) = match &cell.value {
        CellValue::Empty => (None, None),
        CellValue::Number(number) => (None, Some(number.to_string())),
        CellValue::Bool(yes) => (Some("b"), Some(u8::from(*yes).to_string())),
        CellValue::Error(error) => (Some("e"), Some(error.code().to_owned())),
        CellValue::Shared(at) => (Some("s"), Some(at.to_string())),
        CellValue::Text(text) => (Some("str"), Some(text.clone())),
        CellValue::Date(text) => (Some("d"), Some(text.clone())),
    };
    if let Some(kind) = kind {
        xml.attribute("t", kind);
    }
    if cell.formula.is_none() && value.is_none() {
        xml.end_empty();
        return;
    }
    xml.end_tag();
    if let Some(formula) = &cell.formula {
        write_formula(xml, formula);
    }
    if let Some(value) = value {
        xml.text_element(Space::S, "v", &value);
    }
    xml.close(Space::S, "c");
}

fn write_formula(xml: &mut Xml, formula: &CellFormula) {
    match formula {
        CellFormula::Own(formula) => xml.text_element(Space::S, "f", formula.text()),
        CellFormula::SharedFirst { group, range, formula } => {
            xml.open_tag(Space::S, "f");
            xml.attribute("t", "shared");
            xml.attribute("ref", range);
            xml.attribute("si", &group.to_string());
            xml.end_tag();
            xml.text(formula.text());
            xml.close(Space::S, "f");
        }
        CellFormula::SharedNext(group) => {
            xml.open_tag(Space::S, "f");
            xml.attribute("t", "shared");
            xml.attribute("si", &group.to_string());
            xml.end_empty();
        }
        CellFormula::Array { range, formula } => {
            xml.open_tag(Space::S, "f");
            xml.attribute("t", "array");
            xml.attribute("ref", range);
            xml.end_tag();
            xml.text(formula.text());
            xml.close(Space::S, "f");
        }
    }
}

/// `B` for 2.
pub(super) fn column_name(mut column: u32) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        let letter = u8::try_from((column - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        column = (column - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        let names = [1, 26, 27, 702, 703, 16_384].map(column_name);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }
}
