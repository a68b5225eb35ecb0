//! Separated values, in UTF-8 with a byte order mark: spreadsheets need it to
//! tell UTF-8 from Shift_JIS.

use sanitizer_intermediate::csv::{Separator, Table};
use sanitizer_intermediate::{ChangedKind, Findings, Place};

use super::Built;
use crate::Policy;
use crate::policy::Formulas;

const MARK: &str = "\u{feff}";

/// Writes all rows and cells.
#[must_use]
pub fn build(part: &Table, policy: &Policy) -> Built {
    let mut findings = Findings::default();
    let mut text = String::from(MARK);
    for (row_number, row) in (1_u32..).zip(&part.rows) {
        for (column, cell) in (1_u32..).zip(&row.0) {
            if column > 1 {
                text.push(part.separator.character());
            }
            let neutralised = policy.csv.formulas == Formulas::Neutralise && would_run(&cell.0);
            if neutralised {
                let place = Place::Cell { sheet: 1, row: row_number, column };
                findings.change(ChangedKind::FormulasNeutralised, 1, place);
            }
            let only = row.0.len() == 1;
            push(&mut text, &cell.0, neutralised, part.separator, only);
        }
        text.push_str("\r\n");
    }
    let (media, extension) = match part.separator {
        Separator::Tab => ("text/tab-separated-values; charset=utf-8", "tsv"),
        Separator::Comma | Separator::Semicolon | Separator::Pipe => {
            ("text/csv; charset=utf-8", "csv")
        }
    };
    Built { bytes: text.into_bytes(), media, extension, findings }
}

fn push(text: &mut String, cell: &str, neutralised: bool, separator: Separator, only: bool) {
    let needs_quotes = cell.contains([separator.character(), '"', '\n', '\r'])
        || cell.starts_with(' ')
        || cell.ends_with(' ')
        || (only && cell.is_empty());
    if needs_quotes {
        text.push('"');
    }
    if neutralised {
        text.push('\'');
    }
    for character in cell.chars() {
        if character == '"' {
            text.push('"');
        }
        text.push(character);
    }
    if needs_quotes {
        text.push('"');
    }
}

/// Whether a spreadsheet would take the cell for a formula: it starts with
/// `= + - @` or their full-width forms, after blanks, and is no plain number.
fn would_run(cell: &str) -> bool {
    let trimmed = cell.trim_start_matches(|it: char| it.is_whitespace() || it == '\'' || it == '"');
    let leads = trimmed.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '−', '＠']);
    let blank_leads = cell.starts_with(['\t', '\r', '\n']) && !trimmed.is_empty();
    let already_text = cell.starts_with('\'');
    (leads && !already_text && !is_plain_number(cell)) || blank_leads
}

/// A sign, digits with thousands commas, a fraction, an exponent, a percent
/// sign; in ASCII or full width.
fn is_plain_number(cell: &str) -> bool {
    let narrow: String = cell
        .trim()
        .chars()
        .map(|it| match it {
            '＋' => '+',
            '－' | '−' => '-',
            '．' => '.',
            '，' => ',',
            '％' => '%',
            '０'..='９' => {
                char::from_u32(u32::from(it) - u32::from('０') + u32::from('0')).unwrap_or(it)
            }
            other => other,
        })
        .collect();
    let unsigned = narrow.strip_prefix(['+', '-']).unwrap_or(&narrow);
    let unsigned = unsigned.strip_suffix('%').unwrap_or(unsigned);
    let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
    digits > 0
        && unsigned.starts_with(|it: char| it.is_ascii_digit() || it == '.')
        && unsigned.replace(',', "").parse::<f64>().is_ok()
        && unsigned
            .bytes()
            .all(|it| matches!(it, b'0'..=b'9' | b'.' | b',' | b'e' | b'E' | b'+' | b'-'))
}

#[cfg(test)]
mod tests {
    use sanitizer_intermediate::csv::{Cell, Row};

    use super::*;

    fn table(rows: &[&[&str]]) -> Table {
        let cells = |row: &&[&str]| Row(row.iter().map(|it| Cell((*it).to_owned())).collect());
        Table { separator: Separator::Comma, rows: rows.iter().map(cells).collect() }
    }

    fn written(rows: &[&[&str]]) -> String {
        String::from_utf8(build(&table(rows), &Policy::default()).bytes).expect("UTF-8")
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let text = written(&[&["a,b", "言\"う\"", "一\n二", " 前後 "], &[], &[""], &["", ""]]);
        assert_eq!(
            text,
            "\u{feff}\"a,b\",\"言\"\"う\"\"\",\"一\n二\",\" 前後 \"\r\n\r\n\"\"\r\n,\r\n"
        );
    }

    /// NF-32: a cell that a spreadsheet would run becomes text.
    #[test]
    fn formulas_become_text_and_are_reported() {
        for cell in [
            "=1+1",
            "+SUM(A1)",
            "-cmd|' /C calc'!A0",
            "@SUM(1)",
            "＝1+1",
            "\t=1",
            " =1",
            "-",
            "-1-1",
        ] {
            assert!(would_run(cell), "{cell:?}");
        }
        let built = build(&table(&[&["a", "=1+1"]]), &Policy::default());
        assert_eq!(built.bytes, "\u{feff}a,'=1+1\r\n".as_bytes());
        let noted: Vec<_> = built.findings.changed().iter().map(|it| it.place).collect();
        assert_eq!(noted, [Place::Cell { sheet: 1, row: 1, column: 2 }]);
    }

    #[test]
    fn numbers_and_words_stay_as_they_are() {
        for cell in
            ["-5", "+3.14", "-1,234.5", "-5%", "－５", "1e-5", "-1E+5", "090-1234", "東京", ""]
        {
            assert!(!would_run(cell), "{cell:?}");
        }
    }

    #[test]
    fn the_policy_may_keep_formulas() {
        let mut policy = Policy::default();
        policy.csv.formulas = Formulas::Keep;
        let built = build(&table(&[&["=1+1"]]), &policy);
        assert_eq!(built.bytes, "\u{feff}=1+1\r\n".as_bytes());
        assert!(built.findings.is_empty());
    }
}
