//! Type 3 fonts.

use pdf_writer::{Finish, Name, Ref};
use sanitizer_intermediate::pdf::{Drawn, DrawnGlyph};

use super::text::{self, Codes};
use crate::build::BuildError;
use crate::build::pdf::content::{self, Uses};
use crate::build::pdf::ink::Ink;
use crate::build::pdf::{Builder, resources};

impl Builder<'_> {
    pub(super) fn drawn(&mut self, id: Ref, font: &Drawn) -> Result<(), BuildError> {
        if font.glyphs.windows(2).any(|pair| pair[0].code >= pair[1].code) {
            return Err(BuildError::Invalid("glyphs out of order"));
        }
        let mut uses = Uses::default();
        let mut programs = Vec::with_capacity(font.glyphs.len());
        for glyph in &font.glyphs {
            programs.push(self.program(glyph, &mut uses)?);
        }
        let texts = font.glyphs.iter().map(|glyph| (u16::from(glyph.code), glyph.text.as_str()));
        let map = text::map(Codes::OneByte, texts).map(|map| {
            let id = self.file.reserve();
            self.file.packed(id, &map, |_| {});
            id
        });
        let names = names(&font.glyphs);
        let (ids, states) = (&self.ids, &self.states);
        self.file.object(id, |object| {
            let mut dict = object.dict();
            dict.pair(Name(b"Type"), Name(b"Font"));
            dict.pair(Name(b"Subtype"), Name(b"Type3"));
            dict.insert(Name(b"FontBBox")).array().items(font.bounds);
            dict.insert(Name(b"FontMatrix")).array().items(font.matrix);
            let mut procedures = dict.insert(Name(b"CharProcs")).dict();
            for (name, program) in names.iter().zip(&programs) {
                procedures.pair(Name(name.as_bytes()), *program);
            }
            procedures.finish();
            let mut encoding = dict.insert(Name(b"Encoding")).dict();
            encoding.pair(Name(b"Type"), Name(b"Encoding"));
            let mut list = encoding.insert(Name(b"Differences")).array();
            for (glyph, name) in font.glyphs.iter().zip(&names) {
                list.item(i32::from(glyph.code)).item(Name(name.as_bytes()));
            }
            list.finish();
            encoding.finish();
            let first = font.glyphs.first().map_or(0, |glyph| glyph.code);
            let last = font.glyphs.last().map_or(0, |glyph| glyph.code);
            dict.pair(Name(b"FirstChar"), i32::from(first));
            dict.pair(Name(b"LastChar"), i32::from(last));
            let width = |code: u8| font.glyphs.iter().find(|glyph| glyph.code == code);
            let widths = (first..=last).map(|code| width(code).map_or(0.0, |glyph| glyph.width));
            dict.insert(Name(b"Widths")).array().items(widths);
            resources::write(&mut dict, &uses, ids, states);
            if let Some(map) = map {
                dict.pair(Name(b"ToUnicode"), map);
            }
        });
        Ok(())
    }

    fn program(&mut self, glyph: &DrawnGlyph, uses: &mut Uses) -> Result<Ref, BuildError> {
        let written = content::write(&glyph.content, self.things, &mut self.states)?;
        uses.add(&written.uses);
        let mut ink = Ink::default();
        match glyph.shape {
            Some([a, b, c, d]) => ink.op(&[glyph.width, 0.0, a, b, c, d], "d1"),
            None => ink.op(&[glyph.width, 0.0], "d0"),
        }
        let mut bytes = ink.into_bytes();
        bytes.extend(written.bytes);
        let id = self.file.reserve();
        self.file.packed(id, &bytes, |_| {});
        Ok(id)
    }
}

/// Readers guess the size of a drawn font from letters, so those stay.
fn names(glyphs: &[DrawnGlyph]) -> Vec<String> {
    let mut taken = [false; 256];
    let name = |glyph: &DrawnGlyph| match glyph.letter {
        Some(letter) if !std::mem::replace(&mut taken[usize::from(letter)], true) => {
            char::from(letter).to_string()
        }
        _ => format!("g{}.x", glyph.code),
    };
    glyphs.iter().map(name).collect()
}
