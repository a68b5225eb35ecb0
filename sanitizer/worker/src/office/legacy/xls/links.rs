//! Sheets, names and other workbooks that formulas speak of.

use std::rc::Rc;

use sanitizer_intermediate::office::DefinedName;

use super::records::Record;
use super::strings::unicode;
use super::{Globals, Listed};
use crate::office::legacy::bytes::{slice, u8_at, u16_at};
use crate::office::plain::sheet::{Names, is_function, is_starter};
use crate::office::tokens::{self, Form, Link, Place, Scope, Tokens};

const BOOK: u16 = 0x1ae;
const SHEETS: u16 = 0x17;
const NAME_THERE: u16 = 0x23;
const NAME: u16 = 0x18;
/// How a book says that it is this one, or a set of functions.
const THIS: u16 = 0x0401;
const FUNCTIONS: u16 = 0x3a01;
/// Names that Excel knows by number.
const BUILT_IN: [&str; 14] = [
    "Consolidate_Area",
    "Auto_Open",
    "Auto_Close",
    "Extract",
    "Database",
    "Criteria",
    "Print_Area",
    "Print_Titles",
    "Recorder",
    "Data_Form",
    "Auto_Activate",
    "Auto_Deactivate",
    "Sheet_Title",
    "_FilterDatabase",
];

/// What was met of them so far.
#[derive(Default)]
pub(super) struct Links {
    books: Vec<Book>,
    /// Book, first and last sheet.
    sheets: Vec<[u16; 3]>,
    names: Vec<Listing>,
}

enum Book {
    This,
    Functions(Vec<String>),
    Workbook,
    Program,
}

struct Listing {
    text: String,
    sheet: Option<usize>,
    hidden: bool,
    /// It is a macro, not a place.
    runs: bool,
    tokens: Vec<u8>,
    extra: Vec<u8>,
}

impl Links {
    /// Keeps a record of these kinds.
    pub(super) fn note(&mut self, record: &Record<'_>, is_8: bool, globals: &Globals) {
        const MOST: usize = 65_536;
        if [self.books.len(), self.sheets.len(), self.names.len()].iter().any(|it| *it >= MOST) {
            return;
        }
        let data = record.data;
        match record.kind {
            BOOK => self.books.push(book(data)),
            NAME_THERE => {
                if let Some(Book::Functions(names)) = self.books.last_mut()
                    && names.len() < MOST
                {
                    let rest = data.get(7..).unwrap_or_default();
                    names.push(unicode(rest, usize::from(u8_at(data, 6))));
                }
            }
            SHEETS if is_8 => {
                let entries = data.get(2..).unwrap_or_default().chunks_exact(6);
                let entry = |it: &[u8]| [u16_at(it, 0), u16_at(it, 2), u16_at(it, 4)];
                self.sheets.extend(entries.map(entry));
            }
            NAME => self.names.push(listing(data, is_8, globals)),
            _ => {}
        }
    }

    /// What formulas speak of.
    pub(super) fn scope(&self, listed: &[Listed]) -> Scope {
        Scope {
            sheets: listed.iter().map(|it| it.name.clone()).collect(),
            names: self.names.iter().map(|it| it.text.clone()).collect(),
            links: self.sheets.iter().map(|it| self.link(*it)).collect(),
        }
    }

    fn link(&self, [book, first, last]: [u16; 3]) -> Link {
        const GONE: u16 = 0xffff;
        const WHOLE: u16 = 0xfffe;
        match self.books.get(usize::from(book)) {
            Some(Book::This) if first == WHOLE => Link::Here,
            Some(Book::This) if first == GONE => Link::Gone,
            Some(Book::This) => Link::Sheets(usize::from(first), usize::from(last)),
            Some(Book::Functions(names)) => Link::Functions(Rc::from(names.as_slice())),
            Some(Book::Program) => Link::Program,
            Some(Book::Workbook) | None => Link::Outside,
        }
    }

    /// Other workbooks and programs, by number.
    pub(super) fn outside(&self) -> (u32, u32) {
        let count = |wanted: fn(&Book) -> bool| {
            u32::try_from(self.books.iter().filter(|it| wanted(it)).count()).unwrap_or(u32::MAX)
        };
        (count(|it| matches!(it, Book::Workbook)), count(|it| matches!(it, Book::Program)))
    }

    /// The names that stay. `tab` is where a sheet is in the result.
    pub(super) fn names(
        &self,
        form: Form,
        scope: &Scope,
        names: &mut Names<'_>,
        tab: impl Fn(usize) -> Option<u32>,
    ) -> Vec<DefinedName> {
        let mut kept = Vec::new();
        for it in self.names.iter().filter(|it| !is_function(&it.text)) {
            if it.runs || is_starter(&it.text) {
                names.macros += 1;
                continue;
            }
            let sheet = match it.sheet.map(&tab) {
                Some(None) => continue,
                Some(sheet) => sheet,
                None => None,
            };
            let formula =
                Tokens { form, tokens: &it.tokens, extra: &it.extra, at: Place::default() };
            if let Some(text) = tokens::text(&formula, scope)
                && let Some(formula) = names.keep(&text)
            {
                kept.push(DefinedName { name: it.text.clone(), formula, sheet, hidden: it.hidden });
            }
        }
        kept
    }
}

fn book(data: &[u8]) -> Book {
    const TOPIC: char = '\u{3}';
    match u16_at(data, 2) {
        THIS => Book::This,
        FUNCTIONS => Book::Functions(Vec::new()),
        length => {
            let path = unicode(data.get(4..).unwrap_or_default(), usize::from(length));
            if path.contains(TOPIC) { Book::Program } else { Book::Workbook }
        }
    }
}

fn listing(data: &[u8], is_8: bool, globals: &Globals) -> Listing {
    const HIDDEN: u16 = 0x01;
    const RUNS: u16 = 0x02 | 0x08;
    const BUILT: u16 = 0x20;
    let flags = u16_at(data, 0);
    let (length, tokens) = (usize::from(u8_at(data, 3)), usize::from(u16_at(data, 4)));
    let sheet = usize::from(u16_at(data, 8)).checked_sub(1);
    let (text, after) = if is_8 {
        let wide = usize::from(u8_at(data, 14) & 1);
        let text = unicode(data.get(14..).unwrap_or_default(), length);
        (text, 15 + (length << wide))
    } else {
        (globals.encoding.decode(slice(data, 14, length)).0.into_owned(), 14 + length)
    };
    let text = if flags & BUILT != 0 {
        let number = text.chars().next().map_or(usize::MAX, |it| it as usize);
        BUILT_IN.get(number).map_or_else(String::new, |it| format!("_xlnm.{it}"))
    } else {
        text
    };
    let (tokens, extra) = tokens::counted(data, after, tokens);
    Listing {
        text,
        sheet,
        hidden: flags & HIDDEN != 0,
        runs: flags & RUNS != 0,
        tokens: tokens.to_vec(),
        extra: extra.to_vec(),
    }
}
