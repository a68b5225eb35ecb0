//! Fonts: dictionaries, and programs written anew from outlines.

mod cff;
mod drawn;
mod named;
mod outlined;
mod text;
mod truetype;

use pdf_writer::{Dict, Name, Ref};
use sanitizer_intermediate::pdf::{Font, Metrics};

use super::Builder;
use crate::build::BuildError;

impl Builder<'_> {
    pub(super) fn font(&mut self, number: usize, font: &Font) -> Result<(), BuildError> {
        let id = self.ids.fonts[number];
        match font {
            Font::Outlined(font) => self.outlined(id, number, font),
            Font::Named(font) => self.named(id, font),
            Font::NamedCid(font) => self.named_cid(id, font),
            Font::Drawn(font) => self.drawn(id, font)?,
        }
        Ok(())
    }
}

/// A subset font's name: six letters from its number.
fn subset_name(number: usize) -> String {
    let letters = (0..6_u32).map(|place| {
        let letter = number / 26_usize.pow(5 - place) % 26;
        char::from(b'A' + u8::try_from(letter).unwrap_or(0))
    });
    format!("{}+Rebuilt", letters.collect::<String>())
}

/// Writes a font descriptor; `program` is its key and object.
fn descriptor(
    builder: &mut Builder<'_>,
    name: &str,
    metrics: &Metrics,
    program: Option<(&[u8], Ref)>,
) -> Ref {
    let id = builder.file.reserve();
    builder.file.object(id, |object| {
        let mut dict = object.dict();
        dict.pair(Name(b"Type"), Name(b"FontDescriptor"));
        dict.pair(Name(b"FontName"), Name(name.as_bytes()));
        dict.pair(Name(b"Flags"), flags(metrics));
        dict.insert(Name(b"FontBBox")).array().items(metrics.bounds);
        numbers(&mut dict, metrics);
        if let Some((key, program)) = program {
            dict.pair(Name(key), program);
        }
    });
    id
}

fn numbers(dict: &mut Dict<'_>, metrics: &Metrics) {
    dict.pair(Name(b"ItalicAngle"), metrics.italic_angle);
    dict.pair(Name(b"Ascent"), metrics.ascent);
    dict.pair(Name(b"Descent"), metrics.descent);
    dict.pair(Name(b"CapHeight"), metrics.cap_height);
    dict.pair(Name(b"StemV"), metrics.stem);
    if metrics.weight != 0 {
        dict.pair(Name(b"FontWeight"), i32::from(metrics.weight));
    }
}

fn flags(metrics: &Metrics) -> i32 {
    let bits = [
        (metrics.fixed, 0),
        (metrics.serif, 1),
        (metrics.symbolic, 2),
        (metrics.script, 3),
        (!metrics.symbolic, 5),
        (metrics.italic, 6),
        (metrics.bold, 18),
    ];
    bits.into_iter().filter(|(set, _)| *set).fold(0, |flags, (_, bit)| flags | 1 << bit)
}
