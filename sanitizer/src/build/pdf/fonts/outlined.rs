//! Fonts made of outlines: TrueType when all curves are quadratic, else CFF.

use pdf_writer::{Array, Dict, Finish, Name, Ref, Str};
use sanitizer_intermediate::pdf::{Glyph, Metrics, Outlined, Stroke};

use super::text::{self, Codes};
use super::{cff, descriptor, subset_name, truetype};
use crate::build::pdf::Builder;

impl Builder<'_> {
    pub(super) fn outlined(&mut self, id: Ref, number: usize, font: &Outlined) {
        let name = subset_name(number);
        let cubic = font.glyphs.iter().any(|glyph| {
            glyph.outline.strokes.iter().any(|stroke| matches!(stroke, Stroke::Cubic(_)))
        });
        let program = self.file.reserve();
        if cubic {
            let data = cff::write(font, &name);
            self.file.packed(program, &data, |stream| {
                stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
            });
        } else {
            let data = truetype::write(font);
            let length = i32::try_from(data.len()).unwrap_or(i32::MAX);
            self.file.packed(program, &data, |stream| {
                stream.pair(Name(b"Length1"), length);
            });
        }
        let key: &[u8] = if cubic { b"FontFile3" } else { b"FontFile2" };
        // Codes mean nothing outside of this font, whatever it was before.
        let metrics = Metrics { symbolic: true, bounds: bounds(font), ..font.metrics };
        let descriptor = descriptor(self, &name, &metrics, Some((key, program)));
        let descendant = self.descendant(font, &name, cubic, descriptor);
        let codes =
            (0..=u16::MAX).zip(&font.glyphs).map(|(code, glyph)| (code, glyph.text.as_str()));
        let map = text::map(Codes::TwoBytes, codes);
        let encoding: &[u8] = if font.vertical { b"Identity-V" } else { b"Identity-H" };
        self.composite(id, &name, encoding, descendant, map);
    }

    fn descendant(&mut self, font: &Outlined, name: &str, cubic: bool, descriptor: Ref) -> Ref {
        let id = self.file.reserve();
        self.file.object(id, |object| {
            let mut dict = object.dict();
            dict.pair(Name(b"Type"), Name(b"Font"));
            let subtype: &[u8] = if cubic { b"CIDFontType0" } else { b"CIDFontType2" };
            dict.pair(Name(b"Subtype"), Name(subtype));
            dict.pair(Name(b"BaseFont"), Name(name.as_bytes()));
            system_info(&mut dict, "Identity", 0);
            dict.pair(Name(b"FontDescriptor"), descriptor);
            if !cubic {
                dict.pair(Name(b"CIDToGIDMap"), Name(b"Identity"));
            }
            let usual = usual_width(&font.glyphs);
            dict.pair(Name(b"DW"), usual);
            let codes = (0..=u16::MAX).zip(&font.glyphs);
            let widths = codes.clone().map(|(code, glyph)| (code, glyph.width));
            write_widths(dict.insert(Name(b"W")).array(), usual, widths);
            if font.vertical {
                let uprights = codes.filter_map(|(code, glyph)| Some((code, glyph.upright?)));
                write_uprights(dict.insert(Name(b"W2")).array(), uprights);
            }
        });
        id
    }

    /// The outer dictionary of a composite font, and its map to characters.
    pub(super) fn composite(
        &mut self,
        id: Ref,
        name: &str,
        encoding: &[u8],
        descendant: Ref,
        map: Option<Vec<u8>>,
    ) {
        let map = map.map(|map| {
            let id = self.file.reserve();
            self.file.packed(id, &map, |_| {});
            id
        });
        self.file.object(id, |object| {
            let mut dict = object.dict();
            dict.pair(Name(b"Type"), Name(b"Font"));
            dict.pair(Name(b"Subtype"), Name(b"Type0"));
            dict.pair(Name(b"BaseFont"), Name(name.as_bytes()));
            dict.pair(Name(b"Encoding"), Name(encoding));
            dict.insert(Name(b"DescendantFonts")).array().item(descendant);
            if let Some(map) = map {
                dict.pair(Name(b"ToUnicode"), map);
            }
        });
    }
}

pub(super) fn system_info(dict: &mut Dict<'_>, ordering: &str, supplement: u8) {
    let mut info = dict.insert(Name(b"CIDSystemInfo")).dict();
    info.pair(Name(b"Registry"), Str(b"Adobe"));
    info.pair(Name(b"Ordering"), Str(ordering.as_bytes()));
    info.pair(Name(b"Supplement"), i32::from(supplement));
}

/// The most frequent whole width; some readers take no other as default.
fn usual_width(glyphs: &[Glyph]) -> f32 {
    let mut counts = std::collections::HashMap::new();
    for glyph in glyphs.iter().skip(1).filter(|glyph| glyph.width.fract() == 0.0) {
        *counts.entry(glyph.width.to_bits()).or_insert(0_u32) += 1;
    }
    let usual = counts.into_iter().max_by_key(|(width, count)| (*count, *width));
    usual.map_or(1_000.0, |(width, _)| f32::from_bits(width))
}

/// `[first [width width …] …]` for all codes with another width than `usual`.
pub(super) fn write_widths(
    mut array: Array<'_>,
    usual: f32,
    widths: impl Iterator<Item = (u16, f32)>,
) {
    let mut run: Vec<f32> = Vec::new();
    let mut next = 0_u32;
    let mut flush = |run: &mut Vec<f32>, next: u32| {
        if !run.is_empty() {
            array.item(i32::try_from(next).unwrap_or(0) - i32::try_from(run.len()).unwrap_or(0));
            array.push().array().items(run.drain(..));
        }
    };
    for (code, width) in widths.filter(|(_, width)| *width != usual) {
        if u32::from(code) != next {
            flush(&mut run, next);
        }
        run.push(width);
        next = u32::from(code) + 1;
    }
    flush(&mut run, next);
}

/// `[first [advance x y …] …]`.
pub(super) fn write_uprights(
    mut array: Array<'_>,
    uprights: impl Iterator<Item = (u16, [f32; 3])>,
) {
    for (code, numbers) in uprights {
        array.item(i32::from(code));
        array.push().array().items(numbers);
    }
    array.finish();
}

/// The box the file claims, or the one around the outlines.
fn bounds(font: &Outlined) -> [f32; 4] {
    if font.metrics.bounds.iter().any(|number| *number != 0.0) {
        return font.metrics.bounds;
    }
    let ends = font.glyphs.iter().flat_map(|glyph| &glyph.outline.strokes).map(|it| match *it {
        Stroke::Move([x, y])
        | Stroke::Line([x, y])
        | Stroke::Quad([.., x, y])
        | Stroke::Cubic([.., x, y]) => [x, y],
    });
    let around = ends.fold(None, |around: Option<[i16; 4]>, [x, y]| {
        let [a, b, c, d] = around.unwrap_or([x, y, x, y]);
        Some([a.min(x), b.min(y), c.max(x), d.max(y)])
    });
    let scale = 1_000.0 / f32::from(font.units);
    around.unwrap_or([0, 0, 1, 1]).map(|number| (f32::from(number) * scale).round())
}
