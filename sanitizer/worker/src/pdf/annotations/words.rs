//! Lines of text in an annotation: its default font, size and colour.

use hayro::hayro_syntax::content::TypedIter;
use hayro::hayro_syntax::content::ops::TypedInstruction;
use hayro::hayro_syntax::object::{Dict, Number};
use sanitizer_intermediate::pdf::{Colour, Piece, Step};

use crate::pdf::book::{Book, Halt};
use crate::pdf::fonts::FontId;

/// A default appearance string (`/DA`), read.
pub(super) struct Style {
    /// Name of the font among the form's resources.
    font: Vec<u8>,
    /// 0 when the size is to be chosen.
    pub(super) size: f32,
    pub(super) colour: Colour,
}

impl Style {
    pub(super) fn of(appearance: &[u8]) -> Self {
        let mut style = Self { font: Vec::new(), size: 0.0, colour: Colour::Gray(0.0) };
        let mut operators = TypedIter::new(appearance);
        let share = |number: Number| number.as_f32().clamp(0.0, 1.0);
        while let Some(operator) = operators.next() {
            use TypedInstruction as Op;
            match operator {
                Op::TextFont(font) => {
                    style.font = font.0.as_ref().to_vec();
                    style.size = font.1.as_f32().clamp(0.0, 1_000.0);
                }
                Op::NonStrokeColorDeviceGray(c) => style.colour = Colour::Gray(share(c.0)),
                Op::NonStrokeColorDeviceRgb(c) => {
                    style.colour = Colour::Rgb([c.0, c.1, c.2].map(share));
                }
                Op::NonStrokeColorCmyk(c) => {
                    style.colour = Colour::Cmyk([c.0, c.1, c.2, c.3].map(share));
                }
                _ => {}
            }
        }
        style
    }

    /// Whether these fonts have the one of the style.
    pub(super) fn is_in(&self, fonts: &Dict<'_>) -> bool {
        fonts.contains_key(&self.font)
    }

    /// The font of the style; Helvetica when the form does not have it.
    pub(super) fn font<'a>(
        &self,
        fonts: &Dict<'a>,
        book: &mut Book<'a>,
    ) -> Result<Option<FontId>, Halt> {
        let named = fonts.get::<Dict<'a>>(self.font.as_slice());
        match named {
            Some(dict) => match book.font(&dict)? {
                Some(font) => Ok(Some(font)),
                None => Ok(book.standard_font("Helvetica")),
            },
            None => Ok(book.standard_font(standard(&self.font))),
        }
    }
}

/// The names forms use for standard fonts without saying so.
fn standard(name: &[u8]) -> &'static str {
    match name {
        b"ZaDb" | b"ZapfDingbats" => "ZapfDingbats",
        b"HeBo" | b"Helvetica-Bold" => "Helvetica-Bold",
        b"Cour" | b"CoBo" | b"Courier" => "Courier",
        b"TiRo" | b"TiBo" | b"Times-Roman" => "Times-Roman",
        _ => "Helvetica",
    }
}

/// A run of glyphs of one font.
struct Run {
    font: FontId,
    pieces: Vec<Piece>,
}

/// Words as glyphs, and how wide they are at size 1.
pub(super) struct Words {
    runs: Vec<Run>,
    pub(super) width: f32,
}

impl Words {
    /// Finds glyphs for a text; characters the font lacks come from a Japanese one.
    pub(super) fn new(text: &str, font: FontId, book: &mut Book<'_>) -> Result<Self, Halt> {
        let mut words = Self { runs: Vec::new(), width: 0.0 };
        for c in text.chars() {
            book.spend(1)?;
            let own = book.glyph_for(font, c)?.map(|found| (font, found));
            let found = match own {
                Some(found) => Some(found),
                None => book.japanese_glyph(c)?,
            };
            if let Some((font, (code, advance))) = found {
                words.push(font, code);
                words.width += advance / 1_000.0;
            }
        }
        Ok(words)
    }

    /// As [`Words::new`], for a font of symbols: the characters are its codes.
    pub(super) fn symbols(text: &str, font: FontId, book: &mut Book<'_>) -> Result<Self, Halt> {
        let mut words = Self { runs: Vec::new(), width: 0.0 };
        for byte in text.chars().filter_map(|c| u8::try_from(c).ok()).take(16) {
            if let Some((code, advance)) = book.glyph_of(font, &[byte])? {
                words.push(font, code);
                words.width += advance / 1_000.0;
            }
        }
        Ok(words)
    }

    fn push(&mut self, font: FontId, code: u16) {
        match self.runs.last_mut() {
            Some(run) if run.font.number() == font.number() => run.pieces.push(Piece::Glyph(code)),
            _ => self.runs.push(Run { font, pieces: vec![Piece::Glyph(code)] }),
        }
    }

    /// Shows the words from a place on.
    pub(super) fn show(self, x: f32, y: f32, size: f32, steps: &mut Vec<Step>) {
        steps.push(Step::TextMatrix([1.0, 0.0, 0.0, 1.0, x, y]));
        for run in self.runs {
            steps.push(Step::Font { font: run.font.number(), size });
            steps.push(Step::Show(run.pieces));
        }
    }
}
