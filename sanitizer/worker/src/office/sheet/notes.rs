//! Notes on cells. What they say is content; who wrote them is not.

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::{CellNote, MAX_COLUMNS, MAX_ROWS, Space};

use super::cells::{column_of, row_of};
use super::strings::cell_text;
use crate::office::package::{Package, Relations};

/// Reads the notes of a sheet.
pub(super) fn read(
    package: &mut Package<'_>,
    relations: &Relations,
) -> Result<Vec<CellNote>, HoldReason> {
    let Some(part) = relations.first_part("comments") else {
        return Ok(Vec::new());
    };
    let Some(root) = package.element(part)? else {
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    let list = root.child("commentList").into_iter().flat_map(|it| it.elements());
    for comment in list.filter(|it| it.is(Space::S, "comment")) {
        let cell = comment.attribute("ref").unwrap_or_default();
        let (Some(column), Some(row)) = (column_of(cell), row_of(cell)) else {
            continue;
        };
        let text = comment.child("text").map(cell_text).transpose()?;
        let on_sheet = (1..=MAX_ROWS).contains(&row) && (1..=MAX_COLUMNS).contains(&column);
        if let Some(text) = text.filter(|_| on_sheet) {
            notes.push(CellNote { row, column, text });
        }
    }
    Ok(notes)
}
