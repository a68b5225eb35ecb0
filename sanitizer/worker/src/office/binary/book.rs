//! The workbook: sheets, names, what they lead to.

use std::rc::Rc;

use sanitizer_intermediate::HoldReason;

use super::fields::Fields;
use super::text::{attribute, attribute_text, switch};
use super::{SPACES, each};
use crate::office::plain::escaped;
use crate::office::sheet::is_function;
use crate::office::tokens::{self, Form, Link, Place, Scope, Tokens};

const SETTINGS: u16 = 153;
const SHEET: u16 = 156;
const VIEW: u16 = 158;
const NAME: u16 = 39;
const LINK: u16 = 360;
const OTHER_BOOK: u16 = 355;
const THIS_BOOK: u16 = 357;
const THIS_SHEET: u16 = 358;
const FUNCTIONS: u16 = 667;
const FUNCTION: u16 = 361;
const LINKS: u16 = 362;
/// Most of each.
const MOST: usize = 100_000;

enum Book {
    This,
    Other,
    Functions(Vec<String>),
}

struct Name {
    flags: u32,
    sheet: u32,
    text: String,
    tokens: Vec<u8>,
    extra: Vec<u8>,
}

/// What formulas speak of.
pub(super) fn scope(bytes: &[u8]) -> Result<Scope, HoldReason> {
    let mut scope = Scope::default();
    let mut books = Vec::new();
    let mut links: Vec<[u32; 3]> = Vec::new();
    each(bytes, |record| {
        let mut fields = Fields::new(record.data);
        match record.kind {
            SHEET => {
                fields.take(8);
                fields.text();
                scope.sheets.push(fields.text());
            }
            NAME => scope.names.push(name(record.data).text),
            OTHER_BOOK => books.push(Book::Other),
            THIS_BOOK | THIS_SHEET => books.push(Book::This),
            FUNCTIONS => books.push(Book::Functions(Vec::new())),
            FUNCTION => {
                if let Some(Book::Functions(names)) = books.last_mut() {
                    names.push(fields.text());
                }
            }
            LINKS => {
                fields.u32();
                while !fields.is_done() && links.len() < MOST {
                    links.push([fields.u32(), fields.u32(), fields.u32()]);
                }
            }
            _ => {}
        }
        let full = [scope.sheets.len(), scope.names.len(), books.len()].iter().any(|it| *it > MOST);
        if full { Err(HoldReason::TooComplex) } else { Ok(()) }
    })?;
    scope.links = links.into_iter().map(|it| link(&books, it)).collect();
    Ok(scope)
}

fn link(books: &[Book], [book, first, last]: [u32; 3]) -> Link {
    const GONE: u32 = u32::MAX;
    const WHOLE: u32 = u32::MAX - 1;
    let place = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
    match books.get(place(book)) {
        Some(Book::This) if first == WHOLE => Link::Here,
        Some(Book::This) if first == GONE => Link::Gone,
        Some(Book::This) => Link::Sheets(place(first), place(last)),
        Some(Book::Functions(names)) => Link::Functions(Rc::from(names.as_slice())),
        Some(Book::Other) | None => Link::Outside,
    }
}

fn name(data: &[u8]) -> Name {
    const BUILT_IN: u32 = 0x20;
    let mut fields = Fields::new(data);
    let flags = fields.u32();
    fields.u8();
    let sheet = fields.u32();
    let text = fields.text();
    let (tokens, extra) = fields.formula();
    let built_in = flags & BUILT_IN != 0 && !text.starts_with("_xlnm.");
    Name {
        flags,
        sheet,
        text: if built_in { format!("_xlnm.{text}") } else { text },
        tokens: tokens.to_vec(),
        extra: extra.to_vec(),
    }
}

/// The workbook as XML.
pub(super) fn spell(bytes: &[u8], scope: &Scope) -> Result<String, HoldReason> {
    let (mut sheets, mut views, mut names) = (String::new(), String::new(), String::new());
    let mut from_1904 = false;
    each(bytes, |record| {
        let mut fields = Fields::new(record.data);
        match record.kind {
            SETTINGS => from_1904 = fields.u32() & 1 != 0,
            SHEET => sheet(&mut fields, &mut sheets),
            VIEW => view(&mut fields, &mut views),
            NAME => spell_name(&name(record.data), scope, &mut names),
            _ => {}
        }
        Ok(())
    })?;
    let mut xml = format!("<workbook {SPACES}><workbookPr");
    switch(&mut xml, "date1904", from_1904);
    xml.push_str("/>");
    for (name, inner) in [("bookViews", views), ("sheets", sheets), ("definedNames", names)] {
        if !inner.is_empty() {
            xml.push_str(&format!("<{name}>{inner}</{name}>"));
        }
    }
    xml.push_str("</workbook>");
    Ok(xml)
}

fn sheet(fields: &mut Fields<'_>, out: &mut String) {
    let state = fields.u32();
    let number = fields.u32();
    let (reference, name) = (fields.text(), fields.text());
    out.push_str("<sheet");
    attribute_text(out, "name", &name);
    attribute(out, "sheetId", number);
    attribute_text(out, "r:id", &reference);
    match state {
        1 => attribute(out, "state", "hidden"),
        2 => attribute(out, "state", "veryHidden"),
        _ => {}
    }
    out.push_str("/>");
}

fn view(fields: &mut Fields<'_>, out: &mut String) {
    const NAMES: [&str; 2] = ["xWindow", "yWindow"];
    const COUNTS: [&str; 5] =
        ["windowWidth", "windowHeight", "tabRatio", "firstSheet", "activeTab"];
    out.push_str("<workbookView");
    for name in NAMES {
        attribute(out, name, fields.u32().cast_signed());
    }
    for name in COUNTS {
        attribute(out, name, fields.u32());
    }
    out.push_str("/>");
}

fn spell_name(name: &Name, scope: &Scope, out: &mut String) {
    const EVERYWHERE: u32 = u32::MAX;
    const HIDDEN: u32 = 0x01;
    const FUNCTION: u32 = 0x02;
    const RUNS: u32 = 0x08;
    if is_function(&name.text) {
        return;
    }
    let formula = Tokens {
        form: Form::Twelve,
        tokens: &name.tokens,
        extra: &name.extra,
        at: Place::default(),
    };
    let text = tokens::text(&formula, scope).unwrap_or_default();
    out.push_str("<definedName");
    attribute_text(out, "name", &name.text);
    if name.sheet != EVERYWHERE {
        attribute(out, "localSheetId", name.sheet);
    }
    switch(out, "hidden", name.flags & HIDDEN != 0);
    switch(out, "function", name.flags & FUNCTION != 0);
    switch(out, "vbProcedure", name.flags & RUNS != 0);
    out.push_str(&format!(">{}</definedName>", escaped(&text)));
}

/// A link to another workbook or program, as XML: what it leads to is not kept.
pub(super) fn spell_link(bytes: &[u8]) -> Result<String, HoldReason> {
    let mut program = false;
    each(bytes, |record| {
        if record.kind == LINK {
            program |= Fields::new(record.data).u16() != 0;
        }
        Ok(())
    })?;
    let inner = if program { "<ddeLink/>" } else { "" };
    Ok(format!("<externalLink {SPACES}>{inner}</externalLink>"))
}
