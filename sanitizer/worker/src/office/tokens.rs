//! Formulas of the binary workbooks, from their tokens to their text.
//!
//! ```text
//! ref A1 │ num 2 │ add │ func SUM 1      last operand first, as on a stack
//!  "A1"  │  "2"  │ "A1+2" │ "SUM(A1+2)"
//! ```
//! xls and xlsb have the same tokens; places of cells and texts differ in
//! size. What is read here is not trusted: it passes the filter every formula
//! passes, and a formula with an unknown token is none.

mod extra;
mod functions;
mod places;
mod scope;

use encoding_rs::Encoding;

use super::legacy::bytes::{f64_at, slice, u16_at, utf16};
use extra::Extra;
use places::Origin;
pub(super) use places::{Place, area};
pub(super) use scope::{Link, Scope};

/// Most bytes of the tokens of a formula, and of its text.
const MAX_TOKENS: usize = 32 << 10;
const MAX_TEXT: usize = 32 << 10;

/// The edition of the tokens.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Excel 5 and 95.
    Five(&'static Encoding),
    /// Excel 97 to 2003.
    Eight,
    /// Binary workbooks of today.
    Twelve,
}

/// A formula as a file has it.
pub(super) struct Tokens<'t> {
    pub form: Form,
    /// The tokens.
    pub tokens: &'t [u8],
    /// What tokens need beside themselves: the values of arrays.
    pub extra: &'t [u8],
    /// The cell it is in, for places that are relative.
    pub at: Place,
}

/// The first cell of a shared or array formula, when the tokens only point there.
pub(super) fn shared_with(tokens: &Tokens<'_>) -> Option<Place> {
    const SHARED: u8 = 0x01;
    let (code, rest) = tokens.tokens.split_first()?;
    if *code != SHARED {
        return None;
    }
    let place = match tokens.form {
        Form::Five(_) | Form::Eight => {
            Place { row: u32::from(u16_at(rest, 0)), column: u32::from(u16_at(rest, 2)) }
        }
        Form::Twelve => Place {
            row: super::legacy::bytes::u32_at(rest, 0),
            column: super::legacy::bytes::u32_at(tokens.extra, 0),
        },
    };
    Some(place)
}

/// The text of a formula, without its equals sign; `None` when a token is
/// unknown or the tokens make no formula.
pub(super) fn text(formula: &Tokens<'_>, scope: &Scope) -> Option<String> {
    if formula.tokens.is_empty() || formula.tokens.len() > MAX_TOKENS {
        return None;
    }
    let mut reader = Reader {
        form: formula.form,
        rest: formula.tokens,
        extra: Extra { form: formula.form, rest: formula.extra },
        origin: Origin::of(formula.form, formula.at),
        scope,
        stack: Vec::new(),
        left: MAX_TEXT,
    };
    while let Some((code, rest)) = reader.rest.split_first() {
        reader.rest = rest;
        reader.token(*code)?;
    }
    let text = reader.stack.pop()?;
    (reader.stack.is_empty() && text.len() <= MAX_TEXT).then_some(text)
}

struct Reader<'t> {
    form: Form,
    rest: &'t [u8],
    extra: Extra<'t>,
    origin: Origin,
    scope: &'t Scope,
    stack: Vec<String>,
    /// Bytes of text that may still be made.
    left: usize,
}

impl<'t> Reader<'t> {
    fn token(&mut self, code: u8) -> Option<()> {
        match code {
            0x03..=0x11 => self.binary(code),
            0x12 => self.before("+"),
            0x13 => self.before("-"),
            0x14 => self.around("", "%"),
            0x15 => self.around("(", ")"),
            0x16 => self.push(String::new()),
            0x17 => self.string(),
            0x19 => self.attribute(),
            0x1c => {
                let code = self.take(1)?[0];
                self.push(error(code)?.to_owned())
            }
            0x1d => {
                let yes = self.take(1)?[0] != 0;
                self.push(if yes { "TRUE" } else { "FALSE" }.to_owned())
            }
            0x1e => {
                let number = u16_at(self.take(2)?, 0);
                self.push(number.to_string())
            }
            0x1f => {
                let value = f64_at(self.take(8)?, 0);
                self.push(number(value)?)
            }
            0x20..=0x7f => self.operand(code & 0x1f),
            _ => None,
        }
    }

    /// Tokens that come in three classes, by their number without it.
    fn operand(&mut self, base: u8) -> Option<()> {
        match base {
            0x00 => {
                self.take(if matches!(self.form, Form::Twelve) { 14 } else { 7 })?;
                let text = self.extra.array()?;
                self.push(text)
            }
            0x01 => {
                let number = u16_at(self.take(2)?, 0);
                let (name, arguments) = functions::by_number(number)?;
                self.call(name, arguments?)
            }
            0x02 => self.variable_call(),
            0x03 => self.name(),
            0x04 | 0x0c => self.cell(base == 0x0c),
            0x05 | 0x0d => self.area(base == 0x0d),
            // What follows computes the range; the token says only how much of it.
            0x06 => {
                self.take(6)?;
                self.extra.skip_ranges()
            }
            0x07 | 0x08 => self.take(6).map(|_| ()),
            0x09 => self.take(2).map(|_| ()),
            0x0a => {
                self.take(places::cell_bytes(self.form))?;
                self.push("#REF!".to_owned())
            }
            0x0b => {
                self.take(places::area_bytes(self.form))?;
                self.push("#REF!".to_owned())
            }
            0x19 => self.name_elsewhere(),
            0x1a..=0x1d => self.on_sheets(base),
            _ => None,
        }
    }

    fn take(&mut self, bytes: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    fn push(&mut self, text: String) -> Option<()> {
        self.left = self.left.checked_sub(text.len())?;
        self.stack.push(text);
        Some(())
    }

    fn before(&mut self, sign: &str) -> Option<()> {
        self.around(sign, "")
    }

    fn around(&mut self, before: &str, after: &str) -> Option<()> {
        let inner = self.stack.pop()?;
        self.left = self.left.checked_sub(before.len() + after.len())?;
        self.stack.push(format!("{before}{inner}{after}"));
        Some(())
    }

    fn binary(&mut self, code: u8) -> Option<()> {
        const SIGNS: [&str; 15] =
            ["+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>", " ", ",", ":"];
        let sign = SIGNS.get(usize::from(code - 0x03))?;
        let right = self.stack.pop()?;
        self.left = self.left.checked_sub(sign.len())?;
        let left = self.stack.last_mut()?;
        left.push_str(sign);
        left.push_str(&right);
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let text = match self.form {
            Form::Twelve => {
                let characters = usize::from(u16_at(self.take(2)?, 0));
                utf16(self.take(characters * 2)?)
            }
            Form::Eight => {
                let head = self.take(2)?;
                let (characters, wide) = (usize::from(head[0]), head[1] & 1 != 0);
                if wide {
                    utf16(self.take(characters * 2)?)
                } else {
                    super::legacy::bytes::latin(self.take(characters)?)
                }
            }
            Form::Five(encoding) => {
                let bytes = usize::from(self.take(1)?[0]);
                encoding.decode(self.take(bytes)?).0.into_owned()
            }
        };
        self.push(quoted(&text))
    }

    /// How a formula is to be computed or was typed; one of them is a sum.
    fn attribute(&mut self) -> Option<()> {
        const CHOICES: u8 = 0x04;
        const SUM: u8 = 0x10;
        let head = self.take(3)?;
        let (kind, data) = (head[0], u16_at(head, 1));
        if kind & CHOICES != 0 {
            self.take((usize::from(data) + 1) * 2)?;
        }
        if kind & SUM != 0 { self.call("SUM", 1) } else { Some(()) }
    }

    fn call(&mut self, name: &str, arguments: usize) -> Option<()> {
        let first = self.stack.len().checked_sub(arguments)?;
        self.left = self.left.checked_sub(name.len() + 2 + arguments)?;
        let text = self.stack.split_off(first).join(",");
        self.stack.push(format!("{name}({text})"));
        Some(())
    }

    /// A function whose name is its first argument, or one of the table.
    fn variable_call(&mut self) -> Option<()> {
        const NAMED: u16 = 255;
        let head = self.take(3)?;
        let arguments = usize::from(head[0] & 0x7f);
        let number = u16_at(head, 1);
        if number & 0x8000 != 0 {
            // A command of macros.
            return None;
        }
        if number != NAMED {
            let (name, _) = functions::by_number(number)?;
            return self.call(name, arguments);
        }
        let at = self.stack.len().checked_sub(arguments)?;
        if arguments == 0 {
            return None;
        }
        let name = self.stack.remove(at);
        self.call(&name, arguments - 1)
    }

    fn name(&mut self) -> Option<()> {
        let number = match self.form {
            Form::Five(_) => u32::from(u16_at(self.take(14)?, 0)),
            Form::Eight | Form::Twelve => super::legacy::bytes::u32_at(self.take(4)?, 0),
        };
        let text = self.scope.name(number)?.to_owned();
        self.push(text)
    }

    fn name_elsewhere(&mut self) -> Option<()> {
        if matches!(self.form, Form::Five(_)) {
            return None;
        }
        let head = self.take(6)?;
        let text =
            self.scope.name_by_link(u16_at(head, 0), super::legacy::bytes::u32_at(head, 2))?;
        self.push(text)
    }

    fn cell(&mut self, offsets: bool) -> Option<()> {
        let bytes = self.take(places::cell_bytes(self.form))?;
        let text = self.origin.cell(bytes, offsets);
        self.push(text)
    }

    fn area(&mut self, offsets: bool) -> Option<()> {
        let bytes = self.take(places::area_bytes(self.form))?;
        let text = self.origin.area(bytes, offsets);
        self.push(text)
    }

    /// Cells of other sheets: `Sheet2!A1`, `'Sheet 1:Sheet 3'!A1:B2`.
    fn on_sheets(&mut self, base: u8) -> Option<()> {
        let sheets = match self.form {
            Form::Five(_) => self.scope.sheets_of_five(self.take(14)?),
            Form::Eight | Form::Twelve => self.scope.sheets(u16_at(self.take(2)?, 0)),
        }?;
        let is_area = base & 1 != 0;
        let bytes = self.take(if is_area {
            places::area_bytes(self.form)
        } else {
            places::cell_bytes(self.form)
        })?;
        let cells = match base {
            0x1a => self.origin.cell(bytes, false),
            0x1b => self.origin.area(bytes, false),
            _ => "#REF!".to_owned(),
        };
        self.push(sheets + &cells)
    }
}

/// What a cell or formula shows instead of a value.
pub(super) fn error(code: u8) -> Option<&'static str> {
    Some(match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        0x2b => "#GETTING_DATA",
        _ => return None,
    })
}

/// A text as formulas write it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A number as formulas write it.
fn number(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let size = value.abs();
    let plain = size == 0.0 || (1e-9..1e15).contains(&size);
    Some(if plain { format!("{value}") } else { format!("{value:E}") })
}

/// The part of a record that holds tokens, by a length before it.
pub(super) fn counted(bytes: &[u8], at: usize, length: usize) -> (&[u8], &[u8]) {
    let tokens = slice(bytes, at, length);
    (tokens, bytes.get(at.saturating_add(length)..).unwrap_or_default())
}

#[cfg(test)]
mod tests;
