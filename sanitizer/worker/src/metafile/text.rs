//! Text at its place: characters, the distances the file gives, decoration.

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS};
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape as _};
use resvg::tiny_skia::{LineJoin, Stroke};

use super::canvas::{Ink, Mix};
use super::context::Context;
use super::fonts::{Letter, line, slanted};

/// Most characters of one text.
const MAX_CHARACTERS: usize = 20_000;
/// Bits of the alignment.
const UPDATES: u32 = 1;
const SIDEWAYS: u32 = 6;
const RIGHT: u32 = 2;
const CENTRE: u32 = 6;
const UPRIGHT: u32 = 24;
const BOTTOM: u32 = 8;
const BASE: u32 = 24;
/// Bits of the options of a text.
pub(super) const OPAQUE: u32 = 0x02;
pub(super) const CLIPPED: u32 = 0x04;
/// The numbers are glyphs of a typeface that is not here.
pub(super) const GLYPHS: u32 = 0x10;
/// Character sets of fonts.
const SYMBOL: u8 = 2;

/// A character and the distance to the next, in the drawing's units.
pub(super) type Spaced = (char, Option<f64>);

/// Text in UTF-16 with the distances of its units.
pub(super) fn wide(bytes: &[u8], distances: &[f64]) -> Vec<Spaced> {
    let units = bytes.as_chunks::<2>().0.iter().map(|it| u16::from_le_bytes(*it));
    let mut at = 0;
    let characters = char::decode_utf16(units.take(MAX_CHARACTERS));
    characters
        .map(|it| {
            let it = it.unwrap_or('\u{fffd}');
            let from = at;
            at += it.len_utf16();
            (it, sum(distances, from, at))
        })
        .collect()
}

/// Text in the coding of a character set, with the distances of its bytes.
pub(super) fn narrow(bytes: &[u8], charset: u8, distances: &[f64]) -> Vec<Spaced> {
    let bytes = &bytes[..bytes.len().min(MAX_CHARACTERS)];
    let coding = coding(charset);
    let mut spaced = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let double = coding.is_some_and(|it| it != encoding_rs::WINDOWS_1252)
            && bytes[at] >= 0x80
            && at + 1 < bytes.len();
        let pair = if double { 2 } else { 1 };
        let one = coding.and_then(|it| single(it, &bytes[at..=at])).filter(|_| bytes[at] >= 0x80);
        let (text, length) = match (one, coding) {
            (Some(it), _) => (it, 1),
            (None, Some(coding)) => {
                let end = at + pair;
                (single(coding, &bytes[at..end]).unwrap_or('\u{fffd}'), pair)
            }
            (None, None) => (char::from_u32(0xf000 + u32::from(bytes[at])).unwrap_or(' '), 1),
        };
        spaced.push((text, sum(distances, at, at + length)));
        at += length;
    }
    spaced
}

/// The only character in these bytes.
fn single(coding: &'static Encoding, bytes: &[u8]) -> Option<char> {
    let text = coding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut all = text.chars();
    all.next().filter(|_| all.next().is_none())
}

fn sum(distances: &[f64], from: usize, to: usize) -> Option<f64> {
    distances.get(from..to).map(|it| it.iter().sum())
}

/// `None` for symbols.
fn coding(charset: u8) -> Option<&'static Encoding> {
    Some(match charset {
        SYMBOL => return None,
        1 | 128 => SHIFT_JIS,
        129 => EUC_KR,
        134 => GBK,
        136 => BIG5,
        161 => encoding_rs::WINDOWS_1253,
        162 => encoding_rs::WINDOWS_1254,
        177 => encoding_rs::WINDOWS_1255,
        178 => encoding_rs::WINDOWS_1256,
        186 => encoding_rs::WINDOWS_1257,
        204 => encoding_rs::WINDOWS_1251,
        238 => encoding_rs::WINDOWS_1250,
        _ => encoding_rs::WINDOWS_1252,
    })
}

/// A character of a symbol font as one that our typeface has.
fn shown(it: char) -> char {
    match it {
        '\u{f020}'..='\u{f0ff}' => match u32::from(it) & 0xff {
            0xb7 | 0x6c | 0x9f => '●',
            0x6e | 0xa7 => '■',
            0xa8 | 0x6f | 0x71 => '□',
            0xd8 => '▶',
            0xfc => '✓',
            0xe0 => '→',
            code @ 0x20..0x7f => char::from_u32(code).unwrap_or('•'),
            _ => '•',
        },
        it => it,
    }
}

impl Context<'_> {
    /// Draws a text. `area` is filled or limits it, as the options say.
    pub(super) fn write(&mut self, at: Point, text: &[Spaced], options: u32, area: Rect) {
        if options & OPAQUE != 0 {
            let path = self.full() * area.abs().to_path(0.1);
            let clip = self.state.clip.clone();
            let ink = Ink::Colour(self.state.back);
            self.canvas.fill(&path, false, &ink, &clip, Mix::Over);
        }
        if text.is_empty() {
            return;
        }
        if options & GLYPHS != 0 {
            return self.leave_out();
        }
        let font = self.state.font.clone();
        let (above, below) = line(&font.face);
        let em = match font.height {
            0.0 => 12.0,
            it if it < 0.0 => -it,
            it => it / (above + below),
        };
        let letters: Vec<(Option<Letter>, Option<f64>)> = text
            .iter()
            .map(|(it, distance)| (self.letters.letter(shown(*it)), *distance))
            .collect();
        let missing = letters.iter().zip(text).filter(|((letter, _), (it, _))| {
            letter.is_none() && !it.is_control() && !it.is_whitespace()
        });
        self.left_out = self.left_out.saturating_add(u32::from(missing.count() > 0));
        let natural = |it: &Option<Letter>| it.as_ref().map_or(0.5, |it| it.advance) * em;
        let given: f64 = letters.iter().map(|(it, d)| d.unwrap_or_else(|| natural(it))).sum();
        let own: f64 = letters.iter().map(|(it, _)| natural(it)).sum();
        // The typeface of the file may have been narrower than ours.
        let squeeze = if own > 0.0 { (given.abs() / own).clamp(0.5, 1.0) } else { 1.0 };

        let reference = if self.state.align & UPDATES != 0 { self.state.at } else { at };
        let along = match self.state.align & SIDEWAYS {
            CENTRE => -given / 2.0,
            RIGHT => -given,
            _ => 0.0,
        };
        let said: String = text.iter().map(|(it, _)| shown(*it)).collect();
        let start = Point::new(reference.x + along, reference.y);
        self.words.add(&said, start, given, em);
        let up = match self.state.align & UPRIGHT {
            BASE => 0.0,
            BOTTOM => below * em,
            _ => -above * em,
        };
        let place = self.text_place(reference, font.escapement);
        if self.state.opaque && options & OPAQUE == 0 {
            let behind = Rect::new(along, -up - above * em, along + given, -up + below * em);
            let path = place * behind.to_path(0.1);
            let clip = self.state.clip.clone();
            let ink = Ink::Colour(self.state.back);
            self.canvas.fill(&path, false, &ink, &clip, Mix::Over);
        }
        let mut path = BezPath::new();
        let mut pen = along;
        let lean = if font.italic { slanted() } else { Affine::IDENTITY };
        for (letter, distance) in &letters {
            if let Some(letter) = letter {
                let size = Affine::scale_non_uniform(em * squeeze, -em);
                let here = Affine::translate((pen, -up)) * size * lean;
                path.extend(&(here * letter.outline.clone()));
            }
            pen += distance.unwrap_or_else(|| natural(letter));
        }
        for (wanted, height) in [(font.underlined, 0.11), (font.struck, -0.27)] {
            if wanted {
                let middle = -up + height * em;
                let thick = em / 40.0;
                let line = Rect::new(along, middle - thick, along + given, middle + thick);
                path.extend(line.path_elements(0.1));
            }
        }
        self.ink_text(&(place * path), em * super::paint::scale(place), font.bold, options, area);
        if self.state.align & UPDATES != 0 {
            self.state.at.x = reference.x + given;
        }
    }

    /// From units of the drawing along the line of text to pixels.
    fn text_place(&self, reference: Point, escapement: f64) -> Affine {
        let origin = self.full() * reference;
        let [a, b, c, d, ..] =
            (self.out * self.state.mapping.upright() * self.state.world).as_coeffs();
        let turned = Affine::rotate(-(escapement / 10.0).to_radians());
        Affine::translate(origin.to_vec2()) * Affine::new([a, b, c, d, 0.0, 0.0]) * turned
    }

    fn ink_text(&mut self, path: &BezPath, em: f64, bold: bool, options: u32, area: Rect) {
        let before = self.state.clip.clone();
        if options & CLIPPED != 0 {
            self.clip_rect(area, super::clip::Join::And);
        }
        let clip = std::mem::replace(&mut self.state.clip, before);
        let colour = self.state.text;
        self.canvas.fill(path, false, &Ink::Colour(colour), &clip, Mix::Over);
        if bold {
            #[expect(clippy::cast_possible_truncation, reason = "a length in pixels")]
            let width = (em * 0.035).clamp(0.0, 1e4) as f32;
            let stroke = Stroke { width, line_join: LineJoin::Round, ..Stroke::default() };
            self.canvas.stroke(path, &stroke, colour, &clip, Mix::Over);
        }
    }
}
