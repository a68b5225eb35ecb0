//! Reads a PDF into pages of allowed drawing steps.
//!
//! ```text
//! bytes ─ open ─▶ pages ─ Walker ─▶ steps ──────────────▶ PdfDocument
//!                   │  └─ annotations: what they show        ▲
//!                   └─ too much, or damaged: a picture ──────┘
//! ```
//!
//! * `survey`: what the file holds besides pages; none of it survives
//! * `book`: what pages share, and what may still be spent
//! * `content`: the walker, with the list of allowed operators
//! * `fonts`, `pictures`, `patterns`, `forms`: what content draws with
//! * `engine`: where hayro computes a value for us

mod annotations;
mod book;
mod bookmarks;
mod content;
mod engine;
mod fonts;
mod forms;
mod layers;
mod open;
mod page;
mod patterns;
mod pictures;
mod raster;
mod streams;
mod strings;
mod survey;
mod targets;
mod unseen;

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_syntax::object::Dict;
use sanitizer_intermediate::pdf::{PdfDocument, weigh};
use sanitizer_intermediate::{Document, Findings, HoldReason, Limits, Password};

use self::book::{Book, Halt};
use crate::crypt;

/// Reads a PDF.
///
/// # Errors
/// [`HoldReason`] when it must not cross: [`HoldReason::Encrypted`] when a
/// password is needed, [`HoldReason::WrongPassword`] when another is, [`HoldReason::Broken`] when there is no page to be
/// found, a limit when it is met.
pub fn read(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Result<(Document, Findings), HoldReason> {
    let read = catch_unwind(AssertUnwindSafe(|| read_pages(bytes, limits, password)));
    let (document, findings) = read.unwrap_or(Err(HoldReason::Broken))?;
    Ok((Document::Pdf(document), findings))
}

/// The file without its encryption, as scanners should see it; `None` when it
/// cannot be written without.
pub(crate) fn without_lock(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Option<Vec<u8>> {
    let given = password?;
    let read = AssertUnwindSafe(|| open::rewritten(bytes, limits, given.reveal()));
    catch_unwind(read).ok().flatten()
}

fn read_pages(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Result<(PdfDocument, Findings), HoldReason> {
    let (pdf, by_password) = open::open(bytes, limits, password)?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(HoldReason::Broken);
    }
    if pages.len() > limits.pages as usize {
        return Err(HoldReason::TooLarge);
    }
    let xref = pages.xref();
    let catalog = xref.get::<Dict<'_>>(xref.root_id()).unwrap_or_default();
    let mut book = Book::new(&catalog, pages, limits);
    survey::file(bytes, &catalog, &mut book.findings)?;
    if by_password {
        crypt::note(&mut book.findings);
    }

    let mut done = Vec::with_capacity(pages.len());
    for (page, number) in pages.iter().zip(1..) {
        book.turn_to(number);
        survey::page(page.raw(), number, &mut book.findings);
        done.push(page::read(page, &catalog, &mut book).map_err(|halt| match halt {
            Halt::Hold(reason) => reason,
            Halt::Page => HoldReason::TooComplex,
        })?);
    }
    let bookmarks = bookmarks::read(&catalog, &book.targets);
    let Book { shelf, mut things, findings, .. } = book;
    things.fonts = shelf.finish();
    if limits.page_pictures {
        unseen::keep_text(&mut things);
    }
    let document = PdfDocument { pages: done, things: Box::new(things), bookmarks };
    weigh(&document).map_err(|_| HoldReason::TooComplex)?;
    Ok((document, findings))
}
