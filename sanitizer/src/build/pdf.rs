//! Writes the PDF model as a PDF.
//!
//! Every object, stream, font program and picture of the result is made here,
//! from numbers, characters and pixels. One revision, one cross-reference
//! stream, no metadata, no action but "go to page" (and, when the policy says
//! so, web links).
//!
//! ```text
//! weigh ─▶ fonts, pictures, shadings, masks, patterns, forms ─▶ pages ─▶ catalog
//! ```

mod content;
mod file;
mod fonts;
mod ink;
mod pages;
mod paint;
mod pictures;
mod reached;
mod resources;
mod states;

use pdf_writer::Ref;
use sanitizer_intermediate::Findings;
use sanitizer_intermediate::pdf::{PdfDocument, Things, weigh};

use self::file::File;
use self::reached::Reached;
use self::states::States;
use super::{BuildError, Built};
use crate::Policy;

/// Largest file that is written.
const LARGEST: usize = 512 << 20;

/// Writes the pages as a PDF.
///
/// # Errors
/// [`BuildError::Invalid`] when steps are used where they may not be or name
/// things that are not there; [`BuildError::TooLarge`] beyond 512 MiB.
pub fn build(part: &PdfDocument, policy: &Policy) -> Result<Built, BuildError> {
    weigh(part).map_err(|_| BuildError::Invalid("drawings without end"))?;
    let mut builder = Builder::new(&part.things, policy);
    builder.things(&reached::from(&part.pages, &part.things))?;
    let catalog = pages::write(part, policy, &mut builder)?;
    let Builder { file, findings, .. } = builder;
    let bytes = file.finish(catalog);
    if bytes.len() > LARGEST {
        return Err(BuildError::TooLarge);
    }
    Ok(Built { bytes, media: "application/pdf", extension: "pdf", findings })
}

/// The file being written and the objects of the things.
struct Builder<'b> {
    file: File,
    things: &'b Things,
    policy: &'b Policy,
    states: States,
    ids: Ids,
    findings: Findings,
}

/// The object of each thing, by its number.
struct Ids {
    fonts: Vec<Ref>,
    forms: Vec<Ref>,
    pictures: Vec<Ref>,
    patterns: Vec<Ref>,
    shadings: Vec<Ref>,
    masks: Vec<Ref>,
}

impl<'b> Builder<'b> {
    fn new(things: &'b Things, policy: &'b Policy) -> Self {
        let mut file = File::new();
        let mut reserve = |count: usize| (0..count).map(|_| file.reserve()).collect();
        let ids = Ids {
            fonts: reserve(things.fonts.len()),
            forms: reserve(things.forms.len()),
            pictures: reserve(things.pictures.len()),
            patterns: reserve(things.patterns.len()),
            shadings: reserve(things.shadings.len()),
            masks: reserve(things.masks.len()),
        };
        let states = States::default();
        Self { file, things, policy, states, ids, findings: Findings::default() }
    }

    /// Writes what pages use.
    fn things(&mut self, used: &Reached) -> Result<(), BuildError> {
        let things = self.things;
        for (number, font) in kept(&things.fonts, &used.fonts) {
            self.font(number, font)?;
        }
        for (number, picture) in kept(&things.pictures, &used.pictures) {
            self.picture(self.ids.pictures[number], picture)?;
            if self.file.len() > LARGEST {
                return Err(BuildError::TooLarge);
            }
        }
        for (number, shading) in kept(&things.shadings, &used.shadings) {
            self.shading(self.ids.shadings[number], shading);
        }
        for (number, mask) in kept(&things.masks, &used.masks) {
            self.mask(self.ids.masks[number], mask)?;
        }
        for (number, pattern) in kept(&things.patterns, &used.patterns) {
            self.pattern(self.ids.patterns[number], pattern)?;
        }
        for (number, form) in kept(&things.forms, &used.forms) {
            self.form(self.ids.forms[number], form)?;
        }
        Ok(())
    }
}

/// The used things of a list, with their numbers.
fn kept<'t, T>(list: &'t [T], used: &'t [bool]) -> impl Iterator<Item = (usize, &'t T)> {
    list.iter().enumerate().zip(used).filter(|it| *it.1).map(|it| it.0)
}
