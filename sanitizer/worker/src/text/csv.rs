//! Separated values as spreadsheets read them: quotes where a cell begins,
//! anything else as it stands.

use sanitizer_intermediate::csv::{
    Cell, MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROWS, Row, Separator, Table,
};
use sanitizer_intermediate::{HoldReason, Limits};

/// Rows looked at to find the separator.
const SAMPLE_ROWS: usize = 50;

/// Splits a cleaned text into rows and cells.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Table, HoldReason> {
    let separator = separator(text);
    let mut rows = Vec::new();
    let mut cells = 0;
    for row in Rows::new(text, separator) {
        cells += row.0.len();
        let too_long = row.0.iter().any(|cell| cell.0.len() > MAX_CELL_BYTES);
        if cells > limits.cells as usize
            || rows.len() >= MAX_ROWS
            || row.0.len() > MAX_COLUMNS
            || too_long
        {
            return Err(HoldReason::TooLarge);
        }
        rows.push(row);
    }
    Ok(Table { separator, rows })
}

/// The separator that splits the first rows most evenly; a comma in doubt.
fn separator(text: &str) -> Separator {
    let score = |separator: Separator| {
        let widths: Vec<usize> =
            Rows::new(text, separator).take(SAMPLE_ROWS).map(|row| row.0.len()).collect();
        let usual = widths.iter().copied().max_by_key(|width| {
            (*width > 1, widths.iter().filter(|other| *other == width).count(), *width)
        });
        let usual = usual.filter(|width| *width > 1).unwrap_or(0);
        let even = widths.iter().filter(|width| **width == usual).count();
        // Even rows count first, then how many cells they have.
        even * 100 / widths.len().max(1) * usize::from(usual > 1) + usual.min(50)
    };
    let mut best = Separator::Comma;
    for candidate in [Separator::Tab, Separator::Semicolon, Separator::Pipe] {
        if score(candidate) > score(best) {
            best = candidate;
        }
    }
    best
}

/// Takes one row after another off a text.
struct Rows<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    separator: char,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str, separator: Separator) -> Self {
        Self { rest: text.chars().peekable(), separator: separator.character() }
    }

    /// One cell, and whether the row goes on after it.
    fn cell(&mut self) -> (String, bool) {
        let mut cell = String::new();
        let mut quoted = self.rest.next_if_eq(&'"').is_some();
        while let Some(character) = self.rest.next() {
            match character {
                '"' if quoted && self.rest.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' if quoted => quoted = false,
                other if !quoted && other == self.separator => return (cell, true),
                '\n' if !quoted => return (cell, false),
                other => cell.push(other),
            }
        }
        (cell, false)
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.rest.next_if_eq(&'\n').is_some() {
            return Some(Row::default());
        }
        self.rest.peek()?;
        let mut row = Row::default();
        loop {
            let (cell, goes_on) = self.cell();
            row.0.push(Cell(cell));
            if !goes_on {
                return Some(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> (Separator, Vec<Vec<String>>) {
        let table = parse(text, &Limits::default()).expect("a table");
        let rows = table.rows.into_iter();
        (table.separator, rows.map(|row| row.0.into_iter().map(|it| it.0).collect()).collect())
    }

    #[test]
    fn cells_keep_their_commas_quotes_and_line_ends() {
        let (_, rows) =
            table("氏名,備考\n\"山田, 太郎\",\"彼は\"\"はい\"\"と\n言った\"\n\n花子,\n");
        assert_eq!(
            rows,
            [
                vec!["氏名", "備考"],
                vec!["山田, 太郎", "彼は\"はい\"と\n言った"],
                vec![],
                vec!["花子", ""],
            ]
        );
    }

    #[test]
    fn the_separator_is_found() {
        assert_eq!(table("a\tb\n1,5\t2\n").0, Separator::Tab);
        assert_eq!(table("a;b\n1,5;2\n").0, Separator::Semicolon);
        assert_eq!(table("a|b|c\n1|2|3\n").0, Separator::Pipe);
        assert_eq!(table("ひとつだけ\n二行目\n").0, Separator::Comma);
        assert_eq!(table("a,b,c\n1,2\n3,4,5,6\n").0, Separator::Comma);
    }

    #[test]
    fn a_quote_that_never_closes_is_kept_as_text() {
        let (_, rows) = table("a,\"b\nc");
        assert_eq!(rows, [vec!["a", "b\nc"]]);
    }

    /// NF-32: a table has bounds.
    #[test]
    fn more_cells_than_allowed_are_refused() {
        let limits = Limits { cells: 3, ..Limits::default() };
        assert_eq!(parse("a,b\nc,d\n", &limits), Err(HoldReason::TooLarge));
    }
}
