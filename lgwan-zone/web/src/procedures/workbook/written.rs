//! Sheets as an XLSX that a clerk fills in: every cell is text, words to choose from are offered.

use domain::forms::workbook::Sheet;
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError,
};

/// Lines below the heading that offer words to choose from.
const OFFERED_ROWS: u32 = 2_000;

/// Most characters of all words of one offer.
const LONGEST_OFFER: usize = 255;

/// The workbook. The same sheets give the same bytes.
///
/// # Errors
/// A text that is longer than a cell can be.
pub(super) fn bytes(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    let heading = text.clone().set_bold().set_background_color(Color::RGB(0x00E8_F1FE));
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(&sheet.name)?;
        page.set_freeze_panes(1, 0)?;
        let columns = sheet.rows.iter().map(Vec::len).max().unwrap_or(0);
        for column in 0..u16::try_from(columns).unwrap_or(u16::MAX) {
            page.set_column_width(column, width(sheet, usize::from(column)))?;
            page.set_column_format(column, &text)?;
        }
        for (row, cells) in (0_u32..).zip(&sheet.rows) {
            let format = if row == 0 { &heading } else { &text };
            for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                page.write_string_with_format(row, column, cell, format)?;
            }
        }
        for offer in &sheet.offers {
            let length: usize = offer.words.iter().map(|word| word.chars().count() + 1).sum();
            if length > LONGEST_OFFER {
                continue;
            }
            // What is offered may be left; the reader says what is wrong, with its place.
            let list = DataValidation::new().allow_list_strings(&offer.words)?;
            let list = list.show_error_message(false);
            let column = u16::try_from(offer.column).unwrap_or(u16::MAX);
            let (first, last) = match offer.row.and_then(|row| u32::try_from(row).ok()) {
                Some(row) => (row, row),
                None => (1, OFFERED_ROWS),
            };
            page.add_data_validation(first, column, last, column, &list)?;
        }
    }
    workbook.save_to_buffer()
}

/// Wide enough for the heading and most texts, never wider than a page.
fn width(sheet: &Sheet, column: usize) -> f64 {
    let cells = sheet.rows.iter().take(50).filter_map(|row| row.get(column));
    let longest = cells.flat_map(|cell| cell.lines()).map(|line| line.chars().count()).max();
    let alone = sheet.rows.iter().all(|row| row.len() < 2);
    let most = if alone { 80 } else { 24 };
    let letters = u32::try_from(longest.unwrap_or(0).clamp(5, most)).unwrap_or(24);
    f64::from(letters) * 2.0 + 2.0
}
