//! The fonts of a file: which codes are used, what they look like and mean.
//!
//! | in the file | becomes |
//! |---|---|
//! | program embedded | outlines of the used glyphs ([`outlined`]) |
//! | only named | the same name, cleaned, with widths ([`named`]) |
//! | Type 3 | drawings of the used glyphs ([`drawn`]) |

mod drawn;
mod metrics;
mod named;
mod outlined;
mod stock;
mod unicode;

use std::collections::HashMap;
use std::sync::Arc;

use hayro::hayro_interpret::font::{FontData, FontQuery};
use hayro::hayro_interpret::hayro_cmap;
use hayro::hayro_syntax::object::{Array, Dict, Name, Stream};
use hayro::hayro_syntax::page::Resources;
use hayro_font::{CMapResolverFn, Font as Face, FontCache, FontResolverFn};
use sanitizer_intermediate::pdf::Font;

use self::drawn::DrawnFont;
use self::named::{NamedCidFont, NamedFont};
use self::outlined::OutlinedFont;
use super::book::{Book, Halt, Key, key};

/// A font in use.
#[derive(Debug, Clone, Copy)]
pub(super) struct FontId {
    number: u32,
    vertical: bool,
}

impl FontId {
    pub(super) fn number(self) -> u32 {
        self.number
    }

    pub(super) fn is_vertical(self) -> bool {
        self.vertical
    }
}

/// One code read from a shown text.
pub(super) struct GlyphUse {
    /// The code our font has for it.
    pub(super) code: u16,
    /// How many bytes it took.
    pub(super) bytes: usize,
    /// Advance along the line in thousandths of the size.
    pub(super) advance: f32,
    /// Word spacing applies.
    pub(super) is_space: bool,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a document has a few dozen fonts, most of them outlined"
)]
enum Entry<'a> {
    Outlined(OutlinedFont<'a>),
    Named(NamedFont<'a>),
    NamedCid(NamedCidFont<'a>),
    Drawn(DrawnFont<'a>),
}

/// All fonts met so far.
pub(super) struct Shelf<'a> {
    cache: FontCache<'a>,
    standard: FontResolverFn,
    cmaps: CMapResolverFn,
    entries: Vec<Entry<'a>>,
    known: HashMap<Key, Option<FontId>>,
    /// Fonts of which a glyph is being drawn; a glyph cannot use its own font.
    drawing: Vec<u32>,
    /// Characters to codes, for the fonts that drew a field's value.
    reverse: HashMap<u32, stock::Reverse>,
}

impl Default for Shelf<'_> {
    fn default() -> Self {
        let standard: FontResolverFn = Arc::new(|query| -> Option<(FontData, u32)> {
            match query {
                FontQuery::Standard(font) => Some(font.get_font_data()),
                FontQuery::Fallback(query) => Some(query.pick_standard_font().get_font_data()),
            }
        });
        Self {
            cache: FontCache::new(),
            standard,
            cmaps: Arc::new(hayro_cmap::load_embedded),
            entries: Vec::new(),
            known: HashMap::new(),
            drawing: Vec::new(),
            reverse: HashMap::new(),
        }
    }
}

impl<'a> Shelf<'a> {
    /// The fonts as the builder gets them, in the order of their numbers.
    pub(super) fn finish(self) -> Vec<Font> {
        let finished = self.entries.into_iter().map(|entry| match entry {
            Entry::Outlined(font) => font.finish(),
            Entry::Named(font) => font.finish(),
            Entry::NamedCid(font) => font.finish(),
            Entry::Drawn(font) => font.finish(),
        });
        finished.collect()
    }

    fn load(&self, dict: &Dict<'a>) -> Option<Entry<'a>> {
        let subtype = dict.get::<Name<'_>>(b"Subtype");
        let subtype = subtype.as_ref().map(|name| name.as_ref());
        let face = self.cache.font(dict, &self.standard, &self.cmaps)?;
        if subtype == Some(b"Type3") {
            return Some(Entry::Drawn(DrawnFont::new(dict, face)));
        }
        let Some(descendant) = descendant(dict) else {
            let descriptor = dict.get::<Dict<'_>>(b"FontDescriptor").unwrap_or_default();
            return Some(if is_embedded(&descriptor) {
                Entry::Outlined(OutlinedFont::simple(dict, &descriptor, face))
            } else {
                Entry::Named(NamedFont::new(dict, &descriptor, face))
            });
        };
        let descriptor = descendant.get::<Dict<'_>>(b"FontDescriptor").unwrap_or_default();
        Some(if is_embedded(&descriptor) {
            Entry::Outlined(OutlinedFont::composite(
                dict,
                &descendant,
                &descriptor,
                face,
                &self.cmaps,
            ))
        } else {
            Entry::NamedCid(NamedCidFont::new(dict, &descendant, &descriptor, face, &self.cmaps))
        })
    }
}

fn descendant<'a>(dict: &Dict<'a>) -> Option<Dict<'a>> {
    dict.get::<Array<'_>>(b"DescendantFonts")?.iter::<Dict<'_>>().next()
}

fn is_embedded(descriptor: &Dict<'_>) -> bool {
    [&b"FontFile"[..], b"FontFile2", b"FontFile3"]
        .into_iter()
        .any(|key| descriptor.get::<Stream<'_>>(key).is_some())
}

impl<'a> Book<'a> {
    /// The font a dictionary describes; `None` when it cannot be used at all.
    pub(super) fn font(&mut self, dict: &Dict<'a>) -> Result<Option<FontId>, Halt> {
        let key = key(dict);
        if let Some(known) = self.shelf.known.get(&key) {
            return Ok(known.filter(|font| !self.shelf.drawing.contains(&font.number)));
        }
        if !self.affords_font(dict)? {
            return Ok(None);
        }
        let font = self.shelf.load(dict).map(|entry| {
            let vertical = match &entry {
                Entry::Outlined(font) => font.is_vertical(),
                Entry::NamedCid(font) => font.is_vertical(),
                Entry::Named(_) | Entry::Drawn(_) => false,
            };
            FontId { number: Self::number(&mut self.shelf.entries, entry), vertical }
        });
        self.shelf.known.insert(key, font);
        Ok(font)
    }

    /// Font programs and maps are decoded whole by the font library.
    fn affords_font(&mut self, dict: &Dict<'a>) -> Result<bool, Halt> {
        let holder = descendant(dict).unwrap_or_else(|| dict.clone());
        let descriptor = holder.get::<Dict<'_>>(b"FontDescriptor").unwrap_or_default();
        let places = [
            (dict, &b"ToUnicode"[..]),
            (dict, b"Encoding"),
            (&holder, b"CIDToGIDMap"),
            (&descriptor, b"FontFile"),
            (&descriptor, b"FontFile2"),
            (&descriptor, b"FontFile3"),
        ];
        for (place, key) in places {
            if let Some(stream) = place.get::<Stream<'_>>(key)
                && !self.affords(&stream)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the next code of a shown text and notes that it is used.
    pub(super) fn glyph(
        &mut self,
        font: FontId,
        text: &[u8],
        resources: &Resources<'a>,
    ) -> Result<Option<GlyphUse>, Halt> {
        let Some(entry) = self.shelf.entries.get_mut(font.number as usize) else { return Ok(None) };
        match entry {
            Entry::Outlined(font) => font.glyph(text).map(Some),
            Entry::Named(font) => Ok(font.glyph(text)),
            Entry::NamedCid(font) => Ok(font.glyph(text)),
            Entry::Drawn(drawn) => {
                let (used, new) = drawn.glyph(text);
                if let Some(code) = new {
                    self.draw_glyph(font, code, resources)?;
                }
                Ok(used)
            }
        }
    }
}

/// A code of a simple font is one byte.
fn simple_use(face: &Face<'_>, text: &[u8]) -> Option<GlyphUse> {
    let byte = *text.first()?;
    let advance = face.code_advance(u32::from(byte)).x as f32;
    Some(GlyphUse {
        code: u16::from(byte),
        bytes: 1,
        advance: sane(advance),
        is_space: byte == b' ',
    })
}

/// Fonts may say anything about widths.
fn sane(number: f32) -> f32 {
    if number.is_finite() { number.clamp(-100_000.0, 100_000.0) } else { 0.0 }
}
