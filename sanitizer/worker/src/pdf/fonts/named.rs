//! Fonts that are not embedded: their names, widths and codes.

use std::collections::{BTreeMap, BTreeSet};

use hayro::hayro_syntax::object::{Array, Dict, Name, Stream};
use hayro_font::{CMapResolverFn, Font as Face};
use sanitizer_intermediate::pdf::{
    Collection, Encoding, Font, Named, NamedCid, Uprights, Width, max,
};

use super::unicode::{self, Cids};
use super::{GlyphUse, metrics, sane, simple_use};

pub(super) struct NamedFont<'a> {
    pub(super) face: Face<'a>,
    font: Named,
    maps_text: bool,
    texts: BTreeMap<u16, String>,
}

impl<'a> NamedFont<'a> {
    pub(super) fn new(dict: &Dict<'a>, descriptor: &Dict<'a>, face: Face<'a>) -> Self {
        let described = !descriptor.is_empty();
        let metrics = metrics::of(descriptor);
        let kind = dict.get::<Name<'_>>(b"Subtype");
        let font = Named {
            name: metrics::name(dict, &metrics),
            true_type: kind.is_some_and(|kind| kind.as_ref() == b"TrueType"),
            encoding: base_encoding(dict),
            differences: plain_differences(dict),
            widths: widths(dict),
            metrics: described.then_some(metrics),
            text: Vec::new(),
        };
        let maps_text = dict.get::<Stream<'_>>(b"ToUnicode").is_some();
        Self { face, font, maps_text, texts: BTreeMap::new() }
    }

    pub(super) fn glyph(&mut self, text: &[u8]) -> Option<GlyphUse> {
        let used = simple_use(&self.face, text)?;
        if self.maps_text && !self.texts.contains_key(&used.code) {
            let text = unicode::known(&self.face, u32::from(used.code)).unwrap_or_default();
            self.texts.insert(used.code, text);
        }
        Some(used)
    }

    pub(super) fn finish(self) -> Font {
        let text = self.texts.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        Font::Named(Named { text, ..self.font })
    }
}

fn base_encoding(dict: &Dict<'_>) -> Encoding {
    let name = dict.get::<Name<'_>>(b"Encoding").or_else(|| {
        dict.get::<Dict<'_>>(b"Encoding").and_then(|encoding| encoding.get(b"BaseEncoding"))
    });
    match name.as_ref().map(|name| name.as_ref()) {
        Some(b"WinAnsiEncoding") => Encoding::WinAnsi,
        Some(b"MacRomanEncoding") => Encoding::MacRoman,
        Some(b"MacExpertEncoding") => Encoding::MacExpert,
        Some(b"StandardEncoding") => Encoding::Standard,
        _ => Encoding::BuiltIn,
    }
}

/// Glyph names that are plain enough to be written again.
fn plain_differences(dict: &Dict<'_>) -> Vec<(u8, String)> {
    let plain = |name: &str| {
        !name.is_empty()
            && name.len() <= max::NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
    };
    let names = unicode::differences(dict).into_iter().filter(|(_, name)| plain(name));
    names.collect::<BTreeMap<u8, String>>().into_iter().collect()
}

fn widths(dict: &Dict<'_>) -> Vec<Width> {
    let first = dict.get::<u16>(b"FirstChar").unwrap_or(0);
    let Some(list) = dict.get::<Array<'_>>(b"Widths") else { return Vec::new() };
    let codes = first..=255;
    codes.zip(list.iter::<f32>()).map(|(code, width)| Width { code, width: sane(width) }).collect()
}

pub(super) struct NamedCidFont<'a> {
    pub(super) face: Face<'a>,
    cids: Cids,
    font: NamedCid,
    used: BTreeSet<u16>,
    texts: BTreeMap<u16, String>,
    widths: BTreeMap<u16, f32>,
    uprights: BTreeMap<u16, [f32; 3]>,
}

impl<'a> NamedCidFont<'a> {
    pub(super) fn new(
        dict: &Dict<'a>,
        descendant: &Dict<'a>,
        descriptor: &Dict<'a>,
        face: Face<'a>,
        cmaps: &CMapResolverFn,
    ) -> Self {
        let metrics = metrics::of(descriptor);
        let (_, ordering) = unicode::system_info(descendant);
        let collection = std::str::from_utf8(&ordering).ok().and_then(Collection::from_code);
        let kind = descendant.get::<Name<'_>>(b"Subtype");
        let info = descendant.get::<Dict<'_>>(b"CIDSystemInfo").unwrap_or_default();
        let font = NamedCid {
            name: metrics::name(dict, &metrics),
            collection: collection.unwrap_or(Collection::Identity),
            supplement: info.get::<u8>(b"Supplement").unwrap_or(0),
            vertical: !face.is_horizontal(),
            true_type: kind.is_some_and(|kind| kind.as_ref() == b"CIDFontType2"),
            default_width: sane(descendant.get::<f32>(b"DW").unwrap_or(1_000.0)),
            widths: Vec::new(),
            default_upright: descendant.get::<[f32; 2]>(b"DW2").map(|pair| pair.map(sane)),
            uprights: Vec::new(),
            metrics,
            text: Vec::new(),
        };
        Self {
            cids: Cids::new(dict, descendant, cmaps),
            face,
            font,
            used: BTreeSet::new(),
            texts: BTreeMap::new(),
            widths: BTreeMap::new(),
            uprights: BTreeMap::new(),
        }
    }

    pub(super) fn is_vertical(&self) -> bool {
        self.font.vertical
    }

    pub(super) fn glyph(&mut self, text: &[u8]) -> Option<GlyphUse> {
        if text.is_empty() {
            return None;
        }
        let (code, bytes) = self.face.read_code(text, 0);
        let cid = self.cids.cid(code).and_then(|cid| u16::try_from(cid).ok()).unwrap_or(0);
        let advance = self.face.code_advance(code);
        let along = if self.font.vertical { advance.y } else { advance.x };
        let along = sane(along as f32);
        if self.used.insert(cid) {
            self.learn(cid, code, along);
        }
        Some(GlyphUse { code: cid, bytes, advance: along, is_space: bytes == 1 && code == 32 })
    }

    fn learn(&mut self, cid: u16, code: u32, along: f32) {
        if self.font.vertical {
            let origin = self.face.origin_displacement(code);
            let numbers = [along, sane(-origin.x as f32), sane(-origin.y as f32)];
            self.uprights.insert(cid, numbers);
        } else if along != self.font.default_width {
            self.widths.insert(cid, along);
        }
        let text = unicode::known(&self.face, code).or_else(|| self.cids.text(code));
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.texts.insert(cid, text);
        }
    }

    pub(super) fn finish(self) -> Font {
        let widths = self.widths.into_iter().map(|(code, width)| Width { code, width });
        let uprights = self.uprights.into_iter();
        let uprights = uprights.map(|(code, numbers)| Uprights { code, numbers });
        Font::NamedCid(NamedCid {
            widths: widths.collect(),
            uprights: uprights.collect(),
            text: self.texts.into_iter().collect(),
            ..self.font
        })
    }
}
