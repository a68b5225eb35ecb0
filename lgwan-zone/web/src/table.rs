//! A small table as a file: CSV in UTF-8 or Shift_JIS, or a spreadsheet (NF-24, NF-40).

use std::io;

use axum::response::Response;
use domain::spreadsheet;
use platform_web::download::download;

use crate::applications::csv::{Encoding, Sheet};
use crate::applications::files::private;
use crate::xlsx::{self, Xlsx};

/// The file: `xlsx`, `cp932` (what it cannot hold is named in one more column), and CSV in UTF-8 for
/// every other word. `name` has no ending, and is the name of the sheet.
///
/// # Errors
/// When a spreadsheet cannot be written.
pub(crate) fn file(
    (name, shape): (&str, &str),
    titles: &[String],
    rows: &[Vec<String>],
) -> io::Result<Response> {
    Ok(private(match shape {
        "xlsx" => {
            let mut book = Xlsx::begin(Vec::new(), name)?;
            book.heading(titles.iter().map(String::as_str))?;
            for row in rows {
                book.row(row.iter().map(String::as_str))?;
            }
            download(&format!("{name}.xlsx"), xlsx::MEDIA, book.end()?)
        }
        "cp932" => {
            let mut sheet = Sheet::new(Encoding::Cp932);
            sheet.row(titles);
            for row in rows {
                sheet.row(row);
            }
            download(&format!("{name}.csv"), Encoding::Cp932.media(), sheet.take())
        }
        _ => {
            let bytes = spreadsheet::written(titles, rows);
            download(&format!("{name}.csv"), Encoding::Utf8Bom.media(), bytes)
        }
    }))
}
