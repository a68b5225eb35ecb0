//! Type 3 fonts: each glyph is a small drawing.

use std::collections::BTreeMap;

use hayro::hayro_syntax::object::{Array, Dict, Stream};
use hayro::hayro_syntax::page::Resources;
use hayro::kurbo::Affine;
use hayro_font::{Font as Face, FontGlyph};
use sanitizer_intermediate::pdf::{Drawn, DrawnGlyph, Font, Matrix};

use super::unicode::SimpleGuess;
use super::{Entry, FontId, GlyphUse, sane};
use crate::pdf::book::{Book, Halt, key};
use crate::pdf::content::Walker;

pub(super) struct DrawnFont<'a> {
    face: Face<'a>,
    resources: Option<Dict<'a>>,
    matrix: Matrix,
    bounds: [f32; 4],
    first: usize,
    widths: Vec<f32>,
    guess: SimpleGuess,
    glyphs: BTreeMap<u8, DrawnGlyph>,
}

impl<'a> DrawnFont<'a> {
    pub(super) fn new(dict: &Dict<'a>, face: Face<'a>) -> Self {
        let matrix = dict.get::<[f32; 6]>(b"FontMatrix");
        let widths = dict.get::<Array<'_>>(b"Widths");
        Self {
            face,
            resources: dict.get::<Dict<'_>>(b"Resources"),
            matrix: matrix.unwrap_or([0.001, 0.0, 0.0, 0.001, 0.0, 0.0]),
            bounds: dict.get::<[f32; 4]>(b"FontBBox").unwrap_or([0.0; 4]).map(sane),
            first: dict.get::<usize>(b"FirstChar").unwrap_or(0),
            widths: widths
                .map(|list| list.iter::<f32>().take(256).map(sane).collect())
                .unwrap_or_default(),
            guess: SimpleGuess::new(dict),
            glyphs: BTreeMap::new(),
        }
    }

    /// The use of a code, and the code itself when it is met for the first time.
    pub(super) fn glyph(&mut self, text: &[u8]) -> (Option<GlyphUse>, Option<u8>) {
        let Some(code) = text.first().copied() else { return (None, None) };
        let width = self.width(code);
        let advance = sane(width * self.matrix[0] * 1_000.0);
        let new = !self.glyphs.contains_key(&code);
        if new {
            self.glyphs.insert(code, self.named(code, width));
        }
        let used = GlyphUse { code: u16::from(code), bytes: 1, advance, is_space: code == b' ' };
        (Some(used), new.then_some(code))
    }

    fn width(&self, code: u8) -> f32 {
        let place = usize::from(code).checked_sub(self.first);
        place.and_then(|place| self.widths.get(place).copied()).unwrap_or(0.0)
    }

    fn named(&self, code: u8, width: f32) -> DrawnGlyph {
        let letter = match self.guess.name(code).map(str::as_bytes) {
            Some([letter]) if letter.is_ascii_alphabetic() => Some(*letter),
            _ => None,
        };
        DrawnGlyph {
            code,
            letter,
            width,
            text: self.guess.best(&self.face, code),
            shape: None,
            content: Vec::new(),
        }
    }

    fn program(&self, code: u8) -> Option<Stream<'a>> {
        let code = u32::from(code);
        match self.face.glyph(self.face.map_code(code), code) {
            FontGlyph::Type3(glyph) => glyph.program().cloned(),
            FontGlyph::Outline(_) => None,
        }
    }

    pub(super) fn finish(self) -> Font {
        Font::Drawn(Drawn {
            matrix: self.matrix,
            bounds: self.bounds,
            glyphs: self.glyphs.into_values().collect(),
        })
    }
}

impl<'a> Book<'a> {
    /// Walks the drawing of a glyph and puts it into its font.
    pub(super) fn draw_glyph(
        &mut self,
        font: FontId,
        code: u8,
        resources: &Resources<'a>,
    ) -> Result<(), Halt> {
        let Some(Entry::Drawn(drawn)) = self.shelf.entries.get(font.number as usize) else {
            return Ok(());
        };
        let Some(program) = drawn.program(code) else { return Ok(()) };
        let own = drawn.resources.clone().map(Resources::new);
        let resources = own.unwrap_or_else(|| resources.clone());
        let Some(content) = self.decode(&program)? else { return Ok(()) };
        self.shelf.drawing.push(font.number);
        let walked = self.within(key(program.dict()), |book| {
            let mut walker = Walker::new(book, resources, Affine::IDENTITY);
            let steps = walker.run(&content)?;
            Ok((steps, walker.glyph_shape))
        });
        self.shelf.drawing.pop();
        let walked = walked?;
        let Some((steps, shape)) = walked else { return Ok(()) };
        if let Some(Entry::Drawn(drawn)) = self.shelf.entries.get_mut(font.number as usize)
            && let Some(glyph) = drawn.glyphs.get_mut(&code)
        {
            glyph.content = steps;
            glyph.shape = shape;
        }
        Ok(())
    }
}
