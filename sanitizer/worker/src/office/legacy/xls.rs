//! Excel 5 to 2003: the records of BIFF5 and BIFF8.
//!
//! ```text
//!  Workbook │ globals: fonts, formats, texts, sheets … EOF │ sheet: rows, cells … EOF │ …
//! ```

mod cells;
mod chart;
mod drawing;
mod formats;
mod formulas;
mod grid;
mod links;
mod locked;
mod records;
mod strings;

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};
use sanitizer_intermediate::office::{Sheet, Visibility};
use sanitizer_intermediate::{
    ChangedKind, Findings, HoldReason, Limits, Password, Place, RemovedKind,
};

use super::bytes::{slice, u8_at, u16_at, usize_at};
use super::ole::Ole;
use crate::crypt;
use crate::office::plain::sheet::{Book, Names, Page};
use crate::office::sheet::Formulas;
use crate::office::tokens::Form;
use drawing::Store;
use formats::Formats;
use formulas::Rules;
use links::Links;
use records::{Record, Records};

const BOF: u16 = 0x809;
const EOF: u16 = 0x0a;
const FILE_PASS: u16 = 0x2f;
const CODE_PAGE: u16 = 0x42;
const DATE_1904: u16 = 0x22;
const SHEET: u16 = 0x85;
const TEXTS: u16 = 0xfc;
const STORE: u16 = 0xeb;
/// Kinds of sheets.
const CELLS: u8 = 0;
const MACROS: u8 = 1;
const CHART: u8 = 2;
const VERSION_5: u16 = 0x0500;
const VERSION_8: u16 = 0x0600;

/// What sheets need to know of the workbook.
struct Globals {
    /// Texts are Unicode.
    is_8: bool,
    /// The encoding of texts that are not.
    encoding: &'static Encoding,
    texts: Vec<String>,
    formats: Formats,
    store: Store,
}

impl Globals {
    const fn form(&self) -> Form {
        if self.is_8 { Form::Eight } else { Form::Five(self.encoding) }
    }
}

struct Listed {
    start: usize,
    state: u8,
    kind: u8,
    name: String,
}

impl Listed {
    const fn visibility(&self) -> Visibility {
        match self.state & 3 {
            1 => Visibility::Hidden,
            2 => Visibility::VeryHidden,
            _ => Visibility::Visible,
        }
    }
}

/// The stream a password locked, open.
///
/// # Errors
/// [`HoldReason`] when it does not open.
pub(super) fn opened(
    ole: &mut Ole<'_>,
    password: Option<&Password>,
) -> Result<Vec<(&'static str, Vec<u8>)>, HoldReason> {
    let (name, mut stream) = match ole.stream("/Workbook")? {
        Some(stream) => ("/Workbook", stream),
        None => ("/Book", ole.stream("/Book")?.ok_or(HoldReason::Broken)?),
    };
    locked::open(&mut stream, password)?;
    Ok(vec![(name, stream)])
}

/// Reads the workbook.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub(super) fn read(
    ole: &mut Ole<'_>,
    limits: &Limits,
    password: Option<&Password>,
    findings: &mut Findings,
) -> Result<Sheet, HoldReason> {
    let mut stream = match ole.stream("/Workbook")? {
        Some(stream) => stream,
        None => ole.stream("/Book")?.ok_or(HoldReason::Broken)?,
    };
    if locked::open(&mut stream, password)? {
        crypt::note(findings);
    }
    let mut book = Book::new(limits);
    let (globals, listed, links) = globals(&stream, limits, &mut book)?;
    let scope = links.scope(&listed);
    let dropped: Vec<&str> =
        listed.iter().filter(|it| it.kind != CELLS).map(|it| it.name.as_str()).collect();
    let kept = Formulas::without_sheets(&dropped);
    let mut cells_left = limits.cells;
    for (number, sheet) in (1..).zip(&listed) {
        let place = Place::Sheet(number);
        match sheet.kind {
            CELLS | MACROS => {
                let rules = Rules {
                    globals: &globals,
                    scope: &scope,
                    formulas: &kept,
                    values_only: sheet.kind == MACROS,
                };
                let mut page = cells::read(
                    &stream,
                    sheet.start,
                    &rules,
                    &mut book,
                    &mut cells_left,
                    findings,
                    number,
                )?;
                page.name.clone_from(&sheet.name);
                page.visibility = sheet.visibility();
                book.tabs.push(page);
                // Of cells that run when they are computed the last values stay.
                let macros = u32::from(sheet.kind == MACROS);
                findings.remove(RemovedKind::MacroSheets, macros, place);
            }
            CHART => {
                let rules =
                    Rules { globals: &globals, scope: &scope, formulas: &kept, values_only: false };
                let (chart, refused) = cells::chart(&stream, sheet.start, &rules, &mut book);
                findings.change(ChangedKind::FormulasToValues, refused, place);
                match chart {
                    Some(chart) => {
                        book.tabs.push(Page::of_chart(&sheet.name, sheet.visibility(), chart))
                    }
                    None => findings.remove(RemovedKind::Pictures, 1, place),
                }
            }
            _ => findings.remove(RemovedKind::Macros, 1, place),
        }
    }
    if !listed.iter().any(|it| it.kind == CELLS) {
        return Err(if listed.is_empty() { HoldReason::Broken } else { HoldReason::MacroOnly });
    }
    let (books, programs) = links.outside();
    findings.remove(RemovedKind::ExternalReferences, books, Place::Document);
    findings.remove(RemovedKind::Dde, programs, Place::Document);
    let tab = |at: usize| {
        let stays = |it: &&Listed| matches!(it.kind, CELLS | MACROS | CHART);
        listed.get(at).filter(stays)?;
        u32::try_from(listed[..at].iter().filter(stays).count()).ok()
    };
    let mut names = Names::new(&kept);
    book.names = links.names(globals.form(), &scope, &mut names, tab);
    names.note(findings);
    book.note(findings);
    book.formats = globals.formats.cells();
    book.palette = globals.formats.palette;
    book.finish(limits)
}

fn globals(
    stream: &[u8],
    limits: &Limits,
    book: &mut Book,
) -> Result<(Globals, Vec<Listed>, Links), HoldReason> {
    let mut records = Records::new(stream, 0);
    let first = records.next().ok_or(HoldReason::Broken)?;
    let version = u16_at(first.data, 0);
    if first.kind != BOF || !matches!(version, VERSION_5 | VERSION_8) {
        return Err(HoldReason::Unsupported);
    }
    let mut globals = Globals {
        is_8: version == VERSION_8,
        encoding: WINDOWS_1252,
        texts: Vec::new(),
        formats: Formats::default(),
        store: Store::default(),
    };
    let mut listed = Vec::new();
    let mut links = Links::default();
    while let Some(record) = records.next() {
        match record.kind {
            EOF => break,
            CODE_PAGE => globals.encoding = encoding(u16_at(record.data, 0)),
            DATE_1904 => book.from_1904 = u16_at(record.data, 0) == 1,
            SHEET => listed.push(list(&record, &globals)),
            TEXTS => {
                let pieces = records.with_continued(&record);
                globals.texts = strings::table(&pieces, limits)?;
            }
            STORE => globals.store.add(&records.with_continued(&record)),
            _ => {
                globals.formats.note(&record, globals.is_8, globals.encoding);
                links.note(&record, globals.is_8, &globals);
            }
        }
        if listed.len() > limits.pages as usize {
            return Err(HoldReason::TooComplex);
        }
    }
    Ok((globals, listed, links))
}

fn list(record: &Record<'_>, globals: &Globals) -> Listed {
    let data = record.data;
    let length = usize::from(u8_at(data, 6));
    let name = if globals.is_8 {
        strings::unicode(slice(data, 7, data.len().saturating_sub(7)), length)
    } else {
        globals.encoding.decode(slice(data, 7, length)).0.into_owned()
    };
    Listed { start: usize_at(data, 0), state: u8_at(data, 4), kind: u8_at(data, 5), name }
}

fn encoding(code_page: u16) -> &'static Encoding {
    match code_page {
        932 => SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        10000 => encoding_rs::MACINTOSH,
        _ => WINDOWS_1252,
    }
}
