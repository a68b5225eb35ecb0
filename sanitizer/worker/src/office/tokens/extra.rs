//! What stands behind the tokens of a formula: the values of arrays.

use super::{Form, error, number, quoted};
use crate::office::legacy::bytes::{f64_at, latin, u16_at, u32_at, utf16};

/// Most values of an array.
const MAX_VALUES: usize = 8_192;

/// Data behind the tokens, in their order.
pub(super) struct Extra<'t> {
    pub form: Form,
    pub rest: &'t [u8],
}

impl<'t> Extra<'t> {
    fn take(&mut self, bytes: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    /// Skips the ranges a token remembers.
    pub(super) fn skip_ranges(&mut self) -> Option<()> {
        let bytes = match self.form {
            Form::Five(_) => usize::from(u16_at(self.take(2)?, 0)) * 6,
            Form::Eight => usize::from(u16_at(self.take(2)?, 0)) * 8,
            Form::Twelve => usize::try_from(u32_at(self.take(4)?, 0)).ok()?.checked_mul(16)?,
        };
        self.take(bytes).map(|_| ())
    }

    /// `{1,2;3,4}`.
    pub(super) fn array(&mut self) -> Option<String> {
        let (columns, rows) = match self.form {
            Form::Five(_) => {
                let head = self.take(3)?;
                let columns = if head[0] == 0 { 256 } else { usize::from(head[0]) };
                (columns, usize::from(u16_at(head, 1)))
            }
            Form::Eight => {
                let head = self.take(3)?;
                (usize::from(head[0]) + 1, usize::from(u16_at(head, 1)) + 1)
            }
            Form::Twelve => {
                let head = self.take(8)?;
                (usize::try_from(u32_at(head, 4)).ok()?, usize::try_from(u32_at(head, 0)).ok()?)
            }
        };
        let count = columns.checked_mul(rows)?;
        if count == 0 || count > MAX_VALUES {
            return None;
        }
        let mut text = String::from("{");
        for at in 0..count {
            if at > 0 {
                text.push(if at % columns == 0 { ';' } else { ',' });
            }
            text.push_str(&self.value()?);
        }
        text.push('}');
        Some(text)
    }

    fn value(&mut self) -> Option<String> {
        let kind = self.take(1)?[0];
        match self.form {
            Form::Twelve => self.value_of_twelve(kind),
            Form::Five(_) | Form::Eight => self.value_of_eight(kind),
        }
    }

    fn value_of_eight(&mut self, kind: u8) -> Option<String> {
        match kind {
            0x00 => self.take(8).map(|_| "\"\"".to_owned()),
            0x01 => number(f64_at(self.take(8)?, 0)),
            0x02 => match self.form {
                Form::Five(encoding) => {
                    let bytes = usize::from(self.take(1)?[0]);
                    Some(quoted(&encoding.decode(self.take(bytes)?).0))
                }
                Form::Eight | Form::Twelve => {
                    let head = self.take(3)?;
                    let characters = usize::from(u16_at(head, 0));
                    let wide = head[2] & 1 != 0;
                    let bytes = self.take(if wide { characters * 2 } else { characters })?;
                    Some(quoted(&if wide { utf16(bytes) } else { latin(bytes) }))
                }
            },
            0x04 => Some(truth(self.take(8)?[0])),
            0x10 => error(self.take(8)?[0]).map(str::to_owned),
            _ => None,
        }
    }

    fn value_of_twelve(&mut self, kind: u8) -> Option<String> {
        match kind {
            0x00 => number(f64_at(self.take(8)?, 0)),
            0x01 => {
                let characters = usize::from(u16_at(self.take(2)?, 0));
                Some(quoted(&utf16(self.take(characters * 2)?)))
            }
            0x02 => Some(truth(self.take(1)?[0])),
            0x04 => error(self.take(4)?[0]).map(str::to_owned),
            _ => None,
        }
    }
}

fn truth(byte: u8) -> String {
    if byte == 0 { "FALSE" } else { "TRUE" }.to_owned()
}
