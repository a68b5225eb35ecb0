//! Text: where it stands, which font shows it.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object};
use hayro::kurbo::Affine;
use sanitizer_intermediate::pdf::{Matrix, Piece, Step, max};

use super::{Walker, affine};
use crate::pdf::book::Halt;
use crate::pdf::fonts::FontId;

/// The part of the text state that `q` remembers.
#[derive(Clone)]
pub(super) struct TextState {
    font: Option<FontId>,
    size: f32,
    char_space: f32,
    pub(super) word_space: f32,
    scale: f32,
    pub(super) leading: f32,
}

impl Default for TextState {
    fn default() -> Self {
        Self { font: None, size: 0.0, char_space: 0.0, word_space: 0.0, scale: 1.0, leading: 0.0 }
    }
}

/// Where the text being read stands, and what the steps know of it.
pub(super) struct Place {
    /// `BeginText` was written and not ended.
    open: bool,
    /// Matrix of the next glyph.
    glyph: Affine,
    /// Matrix of the start of the line.
    line: Affine,
    /// The steps' own start of line is the same.
    line_known: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self { open: false, glyph: Affine::IDENTITY, line: Affine::IDENTITY, line_known: false }
    }
}

impl<'a> Walker<'_, 'a> {
    pub(super) fn begin_text(&mut self) {
        self.leave_text();
        self.text.glyph = Affine::IDENTITY;
        self.text.line = Affine::IDENTITY;
        self.text.line_known = true;
        self.text.open = true;
        self.steps.push(Step::BeginText);
    }

    pub(super) fn end_text(&mut self) {
        self.leave_text();
    }

    /// Ends the text in the steps; what is read may go on with it.
    pub(super) fn leave_text(&mut self) {
        if std::mem::take(&mut self.text.open) {
            self.steps.push(Step::EndText);
        }
    }

    /// Starts a text in the steps when content goes on with one we had to leave.
    fn enter_text(&mut self) {
        if !self.text.open {
            self.text.open = true;
            self.steps.push(Step::BeginText);
            self.steps.push(Step::TextMatrix(matrix(self.text.glyph)));
            self.text.line_known = self.text.glyph == self.text.line;
        }
    }

    pub(super) fn text_matrix(&mut self, to: Matrix) {
        self.enter_text();
        self.text.line = affine(to);
        self.text.glyph = self.text.line;
        self.text.line_known = true;
        self.steps.push(Step::TextMatrix(to));
    }

    pub(super) fn next_line(&mut self, x: f32, y: f32) {
        self.enter_text();
        self.text.line *= Affine::translate((f64::from(x), f64::from(y)));
        self.text.glyph = self.text.line;
        if self.text.line_known {
            self.steps.push(Step::TextMove(x, y));
        } else {
            self.steps.push(Step::TextMatrix(matrix(self.text.line)));
            self.text.line_known = true;
        }
    }

    pub(super) fn next_line_leading(&mut self) {
        self.next_line(0.0, -self.state.text.leading);
    }

    pub(super) fn char_space(&mut self, space: f32) {
        self.state.text.char_space = space;
        self.steps.push(Step::CharSpace(space));
    }

    pub(super) fn text_scale(&mut self, scale: f32) {
        self.state.text.scale = scale / 100.0;
        self.steps.push(Step::TextScale(scale));
    }

    pub(super) fn rise(&mut self, rise: f32) {
        self.steps.push(Step::Rise(rise));
    }

    pub(super) fn text_mode(&mut self, mode: f32) {
        let mode = if (0.0..8.0).contains(&mode) { mode as u8 } else { 0 };
        self.steps.push(Step::TextMode(mode));
    }

    pub(super) fn font(&mut self, name: &Name<'_>, size: f32) -> Result<(), Halt> {
        match self.resources.get_font(name) {
            Some(dict) => self.use_font(&dict, size),
            None => {
                self.state.text.font = None;
                Ok(())
            }
        }
    }

    pub(super) fn use_font(&mut self, dict: &Dict<'a>, size: f32) -> Result<(), Halt> {
        self.state.text.size = size;
        self.state.text.font = self.book.font(dict)?;
        if let Some(font) = self.state.text.font {
            let font = font.number();
            self.steps.push(Step::Font { font, size });
        }
        Ok(())
    }

    pub(super) fn show_all(&mut self, texts: &Array<'_>) -> Result<(), Halt> {
        let mut pieces = Vec::new();
        for part in texts.iter::<Object<'_>>() {
            match part {
                Object::String(text) => self.glyphs(text.as_bytes(), &mut pieces)?,
                Object::Number(shift) => self.shift(super::number(shift), &mut pieces),
                _ => {}
            }
        }
        self.write(pieces)
    }

    pub(super) fn show(&mut self, text: &[u8]) -> Result<(), Halt> {
        let mut pieces = Vec::new();
        self.glyphs(text, &mut pieces)?;
        self.write(pieces)
    }

    fn write(&mut self, pieces: Vec<Piece>) -> Result<(), Halt> {
        if pieces.is_empty() || self.state.text.font.is_none() {
            return Ok(());
        }
        self.book.spend(pieces.len())?;
        // The glyphs have moved the place already; the text must have been
        // open before them, so a text we left is entered by `glyphs`.
        for part in pieces.chunks(max::PIECES) {
            self.steps.push(Step::Show(part.to_vec()));
        }
        Ok(())
    }

    fn glyphs(&mut self, text: &[u8], pieces: &mut Vec<Piece>) -> Result<(), Halt> {
        let Some(font) = self.state.text.font else { return Ok(()) };
        self.enter_text();
        let resources = self.resources.clone();
        let hidden = self.hidden();
        let mut rest = 0;
        while rest < text.len() {
            let Some(glyph) = self.book.glyph(font, &text[rest..], &resources)? else { break };
            rest += glyph.bytes.max(1);
            let state = &self.state.text;
            let word = if glyph.is_space { state.word_space } else { 0.0 };
            let along = glyph.advance / 1000.0 * state.size + state.char_space + word;
            if hidden {
                // Nothing of a layer that is off is written; only the way is kept.
                push_shift(-along * 1000.0 / state.size, pieces);
            } else {
                pieces.push(Piece::Glyph(glyph.code));
                if word != 0.0 {
                    push_shift(-word * 1000.0 / state.size, pieces);
                }
            }
            self.advance(along, font.is_vertical());
        }
        Ok(())
    }

    fn shift(&mut self, shift: f32, pieces: &mut Vec<Piece>) {
        let vertical = self.state.text.font.is_some_and(FontId::is_vertical);
        self.enter_text();
        push_shift(shift, pieces);
        self.advance(-shift / 1000.0 * self.state.text.size, vertical);
    }

    fn advance(&mut self, along: f32, vertical: bool) {
        let by = if vertical {
            (0.0, f64::from(along))
        } else {
            (f64::from(along * self.state.text.scale), 0.0)
        };
        self.text.glyph *= Affine::translate(by);
    }
}

/// Moves back; moves next to each other become one. Without a size, nothing moves.
fn push_shift(by: f32, pieces: &mut Vec<Piece>) {
    match pieces.last_mut() {
        _ if !by.is_finite() => {}
        Some(Piece::Shift(shift)) => *shift += by,
        _ => pieces.push(Piece::Shift(by)),
    }
}

fn matrix(affine: Affine) -> Matrix {
    affine.as_coeffs().map(|number| {
        let number = number as f32;
        if number.is_finite() { number } else { 0.0 }
    })
}
