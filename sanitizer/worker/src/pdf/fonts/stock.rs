//! Fonts that no dictionary of the file describes, and glyphs for characters.
//! Both are needed where text is drawn from a form field's value.

use std::collections::HashMap;

use hayro::hayro_syntax::object::{Dict, FromBytes};
use hayro::hayro_syntax::page::Resources;
use hayro_font::Font as Face;

use super::{Entry, FontId, unicode};
use crate::pdf::book::{Book, Halt};

/// Codes that show a character, by character.
pub(super) type Reverse = HashMap<char, Vec<u8>>;

const JAPANESE: &[u8] = b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 \
    /Encoding /UniJIS-UTF16-H /DescendantFonts [ << /Type /Font /Subtype /CIDFontType0 \
    /BaseFont /HeiseiKakuGo-W5 /DW 1000 /W [ 1 [ 278 ] 2 95 556 ] \
    /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 4 >> \
    /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 \
    /FontBBox [ -92 -250 1010 922 ] /ItalicAngle 0 /Ascent 752 /Descent -221 /CapHeight 737 \
    /StemV 114 >> >> ] >>";

const fn standard(name: &str) -> &'static [u8] {
    match name.as_bytes() {
        b"ZapfDingbats" => b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>",
        b"Helvetica-Bold" => {
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"
        }
        b"Courier" => {
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"
        }
        b"Times-Roman" => {
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>"
        }
        _ => b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }
}

/// A font, and the code and advance of a glyph in it.
type Placed = (FontId, (u16, f32));

impl Book<'_> {
    /// One of the fonts every reader has.
    pub(in crate::pdf) fn standard_font(&mut self, name: &str) -> Option<FontId> {
        self.stock_font(standard(name))
    }

    fn stock_font(&mut self, written: &'static [u8]) -> Option<FontId> {
        self.font(&Dict::from_bytes(written)?).ok().flatten()
    }

    /// The code and advance of a character in a font that has it.
    pub(in crate::pdf) fn glyph_for(
        &mut self,
        font: FontId,
        c: char,
    ) -> Result<Option<(u16, f32)>, Halt> {
        if !self.shelf.reverse.contains_key(&font.number()) {
            let reverse = self.shelf.entries.get(font.number() as usize).map(reversed);
            self.shelf.reverse.insert(font.number(), reverse.unwrap_or_default());
        }
        let known = self.shelf.reverse.get(&font.number());
        let Some(code) = known.and_then(|codes| codes.get(&c).cloned()) else { return Ok(None) };
        self.glyph_of(font, &code)
    }

    /// The code and advance of the first code in some bytes.
    pub(in crate::pdf) fn glyph_of(
        &mut self,
        font: FontId,
        bytes: &[u8],
    ) -> Result<Option<(u16, f32)>, Halt> {
        let resources = Resources::new(Dict::empty());
        let used = self.glyph(font, bytes, &resources)?;
        Ok(used.map(|used| (used.code, used.advance)))
    }

    /// A character in the stock Japanese font.
    pub(in crate::pdf) fn japanese_glyph(&mut self, c: char) -> Result<Option<Placed>, Halt> {
        let Some(font) = self.stock_font(JAPANESE) else { return Ok(None) };
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units);
        let code: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let found = self.glyph_of(font, &code)?;
        Ok(found.filter(|(code, _)| *code != 0).map(|found| (font, found)))
    }
}

fn reversed(entry: &Entry<'_>) -> Reverse {
    match entry {
        Entry::Outlined(font) => of_face(&font.face, font.is_composite()),
        Entry::Named(font) => of_face(&font.face, false),
        Entry::NamedCid(font) => of_face(&font.face, true),
        Entry::Drawn(_) => Reverse::new(),
    }
}

fn of_face(face: &Face<'_>, composite: bool) -> Reverse {
    let mut reverse = Reverse::new();
    for byte in 0..=255_u8 {
        learn(face, vec![byte], &mut reverse);
    }
    if composite {
        for code in 0..=u16::MAX {
            learn(face, code.to_be_bytes().to_vec(), &mut reverse);
        }
    }
    reverse
}

fn learn(face: &Face<'_>, bytes: Vec<u8>, reverse: &mut Reverse) {
    let (code, length) = face.read_code(&bytes, 0);
    if length != bytes.len() {
        return;
    }
    let text = unicode::known(face, code).unwrap_or_default();
    let mut characters = text.chars();
    if let (Some(c), None) = (characters.next(), characters.next()) {
        reverse.entry(c).or_insert(bytes);
    }
}
