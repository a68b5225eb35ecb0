//! Formulas that compute from the workbook itself and nothing else.

mod functions;

/// Most bytes of a formula.
const MAX_BYTES: usize = 32 << 10;

/// Why a formula does not stay; its last value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// It refers to another workbook.
    #[error("another workbook")]
    External,
    /// It refers to another program (DDE).
    #[error("another program")]
    Dde,
    /// It calls a function that is not on the list.
    #[error("a function off the list")]
    Function,
    /// It is not a formula.
    #[error("not a formula")]
    Malformed,
}

/// A formula without its equals sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula(String);

impl Formula {
    /// Takes a formula over when every word of it is harmless.
    ///
    /// # Errors
    /// [`NotKept`] with the first thing that is not.
    pub fn new(text: &str) -> Result<Self, NotKept> {
        if text.is_empty() || text.len() > MAX_BYTES || !super::grammar::is_plain(text) {
            return Err(NotKept::Malformed);
        }
        let mut scan = Scan { rest: text };
        while scan.step()? {}
        Ok(Self(text.to_owned()))
    }

    /// The formula.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Walks over the words of a formula. Not a full parser: unbalanced
/// parentheses are Excel's to complain about, reaching out is ours.
struct Scan<'f> {
    rest: &'f str,
}

impl Scan<'_> {
    /// Steps over one word; `false` at the end.
    fn step(&mut self) -> Result<bool, NotKept> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(false);
        };
        match first {
            '"' => self.quoted('"').map(|_| ())?,
            '\'' => self.sheet_name()?,
            '|' => return Err(NotKept::Dde),
            // A column of the table the cell is in; a workbook has a sheet after it.
            '[' => self.table_part()?,
            '0'..='9' | '.' => self.number(),
            '#' => self.error_value(),
            ' ' | '\t' | '\n' | '\r' | '(' | ')' | ',' | ';' | '{' | '}' | '+' | '-' | '*'
            | '/' | '^' | '&' | '=' | '<' | '>' | '%' | ':' | '@' | '!' | '~' => self.skip(1),
            it if starts_name(it) => self.name()?,
            _ => return Err(NotKept::Malformed),
        }
        Ok(true)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// What stands between two quotes; doubled quotes belong to it.
    fn quoted(&mut self, quote: char) -> Result<&str, NotKept> {
        let text = self.rest;
        let mut at = 1;
        loop {
            let found = text.get(at..).and_then(|it| it.find(quote)).ok_or(NotKept::Malformed)?;
            at += found + 1;
            if text[at..].starts_with(quote) {
                at += 1;
            } else {
                self.skip(at);
                return Ok(&text[1..at - 1]);
            }
        }
    }

    fn sheet_name(&mut self) -> Result<(), NotKept> {
        let name = self.quoted('\'')?;
        if name.contains(['[', ']', '\\', '/', '|', '*', '?']) {
            return Err(if name.contains('|') { NotKept::Dde } else { NotKept::External });
        }
        if self.rest.starts_with('!') { Ok(()) } else { Err(NotKept::Malformed) }
    }

    fn number(&mut self) {
        let digits = self.rest.find(|it: char| !it.is_ascii_digit() && it != '.');
        self.skip(digits.unwrap_or(self.rest.len()));
        let exponent =
            self.rest.strip_prefix(['e', 'E']).map(|it| it.trim_start_matches(['+', '-']));
        if exponent.is_some_and(|it| it.starts_with(|digit: char| digit.is_ascii_digit())) {
            let sign = usize::from(self.rest[1..].starts_with(['+', '-']));
            self.skip(1 + sign);
            let digits = self.rest.find(|it: char| !it.is_ascii_digit());
            self.skip(digits.unwrap_or(self.rest.len()));
        }
    }

    /// `#REF!` and its kin, or the spill operator.
    fn error_value(&mut self) {
        let rest = &self.rest[1..];
        let length = rest.find(|it: char| !(it.is_ascii_uppercase() || it == '_' || it == '/'));
        let length = length.unwrap_or(rest.len());
        let digit = usize::from(rest[length..].starts_with('0'));
        let mark = usize::from(rest[length + digit..].starts_with(['!', '?']));
        self.skip(1 + length + digit + mark);
    }

    /// A cell, a name, a sheet before `!`, a table before `[`, a function before `(`.
    fn name(&mut self) -> Result<(), NotKept> {
        let length = self.rest.find(|it: char| !continues_name(it)).unwrap_or(self.rest.len());
        let name = &self.rest[..length];
        let after = &self.rest[length..];
        let called = after.trim_start_matches(' ').starts_with('(');
        let intersected = !after.starts_with('(') && is_cell(name);
        if called && !intersected && !functions::is_kept(name) {
            return Err(NotKept::Function);
        }
        if after.starts_with('|') {
            return Err(NotKept::Dde);
        }
        let bracket = after.starts_with('[');
        self.skip(length);
        if bracket { self.table_part() } else { Ok(()) }
    }

    /// `[Column]`, `[[#This Row],[Column]]`: brackets in balance, `'` escapes one character.
    fn table_part(&mut self) -> Result<(), NotKept> {
        let mut depth = 0_u32;
        let mut escaped = false;
        for (at, it) in self.rest.char_indices() {
            match it {
                _ if escaped => escaped = false,
                '\'' => escaped = true,
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                '!' | '|' => return Err(NotKept::External),
                _ => {}
            }
            if depth == 0 {
                self.skip(at + 1);
                // `Book[1]Sheet!A1` is no table.
                let names_sheet = |next: char| starts_name(next) || matches!(next, '!' | '\'');
                let ends = !self.rest.trim_start_matches(' ').starts_with(names_sheet);
                return if ends { Ok(()) } else { Err(NotKept::External) };
            }
        }
        Err(NotKept::Malformed)
    }
}

/// `$A$1`: a space after it is the intersection of ranges, so a parenthesis
/// may follow without a call.
fn is_cell(name: &str) -> bool {
    let name = name.trim_start_matches('$');
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = name[letters..].trim_start_matches('$');
    (1..=3).contains(&letters) && !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
}

fn starts_name(it: char) -> bool {
    it.is_alphabetic()
        || it == '_'
        || it == '$'
        || it == '\\'
        || (!it.is_ascii() && !it.is_control())
}

fn continues_name(it: char) -> bool {
    starts_name(it) || it.is_ascii_digit() || it == '.' || it == '?'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_formulas_stay() {
        for text in [
            "SUM(A1:B2)",
            "IF($A$1=\"あ\"\"い\",'売上 (2)'!B3*1.5E-3,#N/A)",
            "_xlfn.XLOOKUP(A1,Sheet2!A:A,Sheet2!B:B)",
            "SUM(Sheet1:Sheet3!A1)",
            "[[#This Row],[数]]*2",
            "[#Totals]+[数]",
            "SUMIFS(Table1[[#This Row],[金額]],Table1[区分],\"x\")",
            "{1,2;3,4}",
            "A1:A3 (B1:B3)",
            "LOG10(5)+ATAN2(1,2)",
            "合計*2",
            "#REF!+1",
            "A1#",
            "-(1+2)%",
        ] {
            assert_eq!(Formula::new(text).map(|it| it.text().to_owned()).as_deref(), Ok(text));
        }
    }

    /// NF-32: a formula that reaches out of the workbook does not stay.
    #[test]
    fn formulas_that_reach_out_do_not_stay() {
        for (text, why) in [
            ("[1]Sheet1!A1", NotKept::External),
            ("[1]!Name", NotKept::External),
            ("[Book.xlsx]売上!A1", NotKept::External),
            ("[Book.xlsx]'a b'!A1", NotKept::External),
            ("[1] Sheet1!A1", NotKept::External),
            ("'[Book.xlsx]Sheet1'!A1", NotKept::External),
            ("'C:\\data\\[Book.xlsx]Sheet1'!A1", NotKept::External),
            ("'\\\\host\\share\\x'!A1", NotKept::External),
            ("SUM(Book[1]Sheet!A1)", NotKept::External),
            ("cmd|'/c calc'!A0", NotKept::Dde),
            ("'cmd|x'!A0", NotKept::Dde),
            ("WEBSERVICE(\"http://example.com\")", NotKept::Function),
            ("_xlfn.WEBSERVICE (A1)", NotKept::Function),
            ("HYPERLINK(\"file://x\")", NotKept::Function),
            ("CALL(\"urlmon\",\"x\")", NotKept::Function),
            ("1+RTD(A1)", NotKept::Function),
            ("MyMacro()", NotKept::Function),
            ("ABC1(1)", NotKept::Function),
            ("\"open", NotKept::Malformed),
            ("\u{1}", NotKept::Malformed),
            ("", NotKept::Malformed),
        ] {
            assert_eq!(Formula::new(text), Err(why), "{text}");
        }
    }
}
