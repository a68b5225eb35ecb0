//! What formulas speak of beside cells of their own sheet: other sheets,
//! names, other workbooks.

use std::rc::Rc;

use crate::office::legacy::bytes::u16_at;

/// Sheets, names and links of a workbook.
#[derive(Default)]
pub(in crate::office) struct Scope {
    pub sheets: Vec<String>,
    /// Names, by number from 1.
    pub names: Vec<String>,
    pub links: Vec<Link>,
}

/// What a link leads to.
#[derive(Debug, Clone)]
pub(in crate::office) enum Link {
    /// Sheets of this workbook, the first and the last.
    Sheets(usize, usize),
    /// This workbook.
    Here,
    /// A sheet that is gone.
    Gone,
    /// Functions of additions, by number from 1.
    Functions(Rc<[String]>),
    /// Another workbook.
    Outside,
    /// Another program.
    Program,
}

/// Text that the filter of formulas takes for what it is.
const OUTSIDE: &str = "[1]x!";
const PROGRAM: &str = "x|y!";

impl Scope {
    /// A name by its number, from 1.
    pub(super) fn name(&self, number: u32) -> Option<&str> {
        let name = self.names.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        Some(name.as_str()).filter(|it| !it.is_empty())
    }

    /// A name or function by its number behind a link.
    pub(super) fn name_by_link(&self, link: u16, number: u32) -> Option<String> {
        match self.links.get(usize::from(link))? {
            Link::Here => self.name(number).map(str::to_owned),
            Link::Sheets(..) => Some(self.sheets(link)? + self.name(number)?),
            Link::Gone => Some("#REF!".to_owned()),
            Link::Functions(names) => {
                names.get(usize::try_from(number).ok()?.checked_sub(1)?).cloned()
            }
            Link::Outside => Some(format!("{OUTSIDE}x")),
            Link::Program => Some(format!("{PROGRAM}x")),
        }
    }

    /// The sheets of a link, as they stand before a cell.
    pub(super) fn sheets(&self, link: u16) -> Option<String> {
        match self.links.get(usize::from(link))? {
            Link::Sheets(first, last) => self.between(*first, *last),
            Link::Gone => Some("#REF!".to_owned()),
            Link::Outside => Some(OUTSIDE.to_owned()),
            Link::Program => Some(PROGRAM.to_owned()),
            Link::Here | Link::Functions(_) => None,
        }
    }

    /// Excel 5 names sheets of this workbook by number in the token itself.
    pub(super) fn sheets_of_five(&self, token: &[u8]) -> Option<String> {
        const GONE: u16 = 0xffff;
        let inside = u16_at(token, 0).cast_signed() < 0;
        let (first, last) = (u16_at(token, 10), u16_at(token, 12));
        if !inside {
            Some(OUTSIDE.to_owned())
        } else if first == GONE {
            Some("#REF!".to_owned())
        } else {
            self.between(usize::from(first), usize::from(last))
        }
    }

    fn between(&self, first: usize, last: usize) -> Option<String> {
        let (first_name, last_name) = (self.sheets.get(first)?, self.sheets.get(last)?);
        let plain = is_plain(first_name) && is_plain(last_name);
        let names =
            if first == last { first_name.clone() } else { format!("{first_name}:{last_name}") };
        Some(if plain { names + "!" } else { format!("'{}'!", names.replace('\'', "''")) })
    }
}

/// Whether a name of a sheet needs no quotes: letters and digits, no cell.
fn is_plain(name: &str) -> bool {
    let starts = name.chars().next().is_some_and(|it| it.is_alphabetic() || it == '_');
    let word = name.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '.'));
    starts && word && !is_like_cell(name)
}

/// `A1`, `ABC`, `R1C1`, `rc`: what could be read as a place.
fn is_like_cell(name: &str) -> bool {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &name[letters..];
    let cell = letters <= 3 && !rest.is_empty() && rest.bytes().all(|it| it.is_ascii_digit());
    let upper = name.to_ascii_uppercase();
    let rows = upper.trim_matches(|it: char| it.is_ascii_digit());
    cell || (upper.is_ascii() && matches!(rows, "R" | "C"))
        || (upper.starts_with('R')
            && upper.bytes().all(|it| it.is_ascii_digit() || b"RC".contains(&it)))
}
