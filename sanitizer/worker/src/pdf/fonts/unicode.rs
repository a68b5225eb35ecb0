//! The characters a code stands for.
//!
//! The file's own map comes first. Without one, the same guesses are made as
//! by the common readers, so that a search finds after the rebuild what it
//! found before.

use std::collections::HashMap;

use hayro::hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, CidFamily};
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use hayro_font::{CMapResolverFn, Font as Face, FontGlyph};
use sanitizer_intermediate::pdf::max;

/// What the font library knows: the file's map, then glyph names.
pub(super) fn known(face: &Face<'_>, code: u32) -> Option<String> {
    let text = match face.glyph(face.map_code(code), code) {
        FontGlyph::Outline(glyph) => glyph.as_unicode(),
        FontGlyph::Type3(glyph) => glyph.as_unicode(),
    };
    text.map(string)
}

fn string(text: BfString) -> String {
    let text = match text {
        BfString::Char(c) => c.to_string(),
        BfString::String(text) => text,
    };
    short(text)
}

/// Ligatures as letters, as readers have them that know only the glyph's name.
fn apart(text: &str) -> String {
    let letters = |c: char| match c {
        '\u{FB00}' => "ff".to_owned(),
        '\u{FB01}' => "fi".to_owned(),
        '\u{FB02}' => "fl".to_owned(),
        '\u{FB03}' => "ffi".to_owned(),
        '\u{FB04}' => "ffl".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(letters).collect()
}

fn short(mut text: String) -> String {
    text.retain(|c| c != '\0');
    while text.len() > max::GLYPH_TEXT {
        text.pop();
    }
    text
}

/// Guesses for fonts of one byte a code.
pub(super) struct SimpleGuess {
    names: HashMap<u8, String>,
    hexadecimal: bool,
    windows: bool,
    /// The file brings a map of its own.
    mapped: bool,
}

impl SimpleGuess {
    pub(super) fn new(dict: &Dict<'_>) -> Self {
        let names = differences(dict);
        let hexadecimal = names.values().any(|name| {
            matches!(name.as_bytes(), [letter, a, b]
                if letter.is_ascii_alphabetic() && (is_hex_letter(*a) || is_hex_letter(*b))
                    && a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
        });
        let kind = dict.get::<Name<'_>>(b"Subtype");
        let windows = kind.is_some_and(|kind| kind.as_ref() == b"TrueType");
        let mapped = dict.get::<Stream<'_>>(b"ToUnicode").is_some();
        Self { names, hexadecimal, windows, mapped }
    }

    /// The characters of a code: the file's, those of its name, or a guess.
    pub(super) fn best(&self, face: &Face<'_>, code: u8) -> String {
        match known(face, u32::from(code)) {
            Some(text) if self.mapped => text,
            Some(text) => apart(&text),
            None => self.text(code).unwrap_or_default(),
        }
    }

    /// The name the file gives to a code.
    pub(super) fn name(&self, code: u8) -> Option<&str> {
        self.names.get(&code).map(String::as_str)
    }

    fn text(&self, code: u8) -> Option<String> {
        match self.names.get(&code) {
            Some(name) => self.number_in(name).and_then(char::from_u32).map(String::from),
            None if self.windows => {
                let bytes = [code];
                let (text, _, wrong) = encoding_rs::WINDOWS_1252.decode(&bytes);
                (!wrong && code >= b' ').then(|| text.into_owned())
            }
            None => (b' '..=b'~').contains(&code).then(|| char::from(code).to_string()),
        }
    }

    /// `a65`, `cid65`-like and `G41` names carry the code itself.
    fn number_in(&self, name: &str) -> Option<u32> {
        let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letters = name.len() - digits.len();
        if self.hexadecimal && name.len() == 3 {
            return u32::from_str_radix(name.get(1..)?, 16).ok();
        }
        let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if letters <= 2 && all_digits {
            digits.parse().ok().filter(|code| *code >= 32)
        } else {
            None
        }
    }
}

fn is_hex_letter(byte: u8) -> bool {
    byte.is_ascii_hexdigit() && byte.is_ascii_alphabetic()
}

/// The names in `/Encoding /Differences`.
pub(super) fn differences(dict: &Dict<'_>) -> HashMap<u8, String> {
    let mut names = HashMap::new();
    let encoding = dict.get::<Dict<'_>>(b"Encoding");
    let Some(list) = encoding.and_then(|encoding| encoding.get::<Array<'_>>(b"Differences")) else {
        return names;
    };
    let mut code = 0_i64;
    for item in list.iter::<Object<'_>>().take(1_024) {
        match item {
            Object::Number(number) => code = number.as_i64(),
            Object::Name(name) => {
                if let Ok(code) = u8::try_from(code) {
                    names.insert(code, name.as_str().to_owned());
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    names
}

/// Codes to CIDs, and CIDs to characters, for composite fonts.
pub(super) struct Cids {
    encoding: Option<CMap>,
    /// The collection's own table, when the file brings no map.
    table: Option<CMap>,
    /// The CID is the character.
    identity: bool,
    /// The file brings a map of its own; nothing is guessed then.
    mapped: bool,
}

impl Cids {
    pub(super) fn new(dict: &Dict<'_>, descendant: &Dict<'_>, cmaps: &CMapResolverFn) -> Self {
        let encoding = dict.get::<Object<'_>>(b"Encoding");
        let encoding = encoding.and_then(|encoding| read_encoding(&encoding, cmaps));
        let (registry, ordering) = system_info(descendant);
        let family = CidFamily::from_registry_ordering(&registry, &ordering);
        let table = family.ucs2_cmap().and_then(|name| named(name, cmaps));
        let identity = registry == b"Adobe" && matches!(ordering.as_slice(), b"Identity" | b"UCS");
        let mapped = dict.get::<Stream<'_>>(b"ToUnicode").is_some();
        Self { encoding, table, identity, mapped }
    }

    pub(super) fn cid(&self, code: u32) -> Option<u32> {
        let encoding = self.encoding.as_ref()?;
        (1..=4).find_map(|bytes| encoding.lookup_cid_code(code, bytes))
    }

    pub(super) fn text(&self, code: u32) -> Option<String> {
        if self.mapped {
            return None;
        }
        let cid = self.cid(code)?;
        if let Some(table) = &self.table {
            return table.lookup_bf_string(cid).map(string);
        }
        if self.identity { char::from_u32(cid).map(|c| short(c.to_string())) } else { None }
    }
}

/// Registry and ordering of a descendant font.
pub(super) fn system_info(descendant: &Dict<'_>) -> (Vec<u8>, Vec<u8>) {
    let info = descendant.get::<Dict<'_>>(b"CIDSystemInfo").unwrap_or_default();
    let part = |key: &[u8]| {
        let text = info.get::<PdfString<'_>>(key);
        text.map(|text| text.as_bytes().to_vec()).unwrap_or_default()
    };
    (part(b"Registry"), part(b"Ordering"))
}

fn named(name: CMapName<'_>, cmaps: &CMapResolverFn) -> Option<CMap> {
    let resolver = cmaps.clone();
    CMap::parse(cmaps(name)?, move |name| resolver(name))
}

fn read_encoding(encoding: &Object<'_>, cmaps: &CMapResolverFn) -> Option<CMap> {
    match encoding {
        Object::Name(name) => match CMapName::from_bytes(name.as_ref()) {
            CMapName::IdentityH => Some(CMap::identity_h()),
            CMapName::IdentityV => Some(CMap::identity_v()),
            other => named(other, cmaps),
        },
        Object::Stream(stream) => embedded(stream, cmaps),
        _ => None,
    }
}

fn embedded(stream: &Stream<'_>, cmaps: &CMapResolverFn) -> Option<CMap> {
    let data = stream.decoded_data().ok()?;
    let resolver = cmaps.clone();
    CMap::parse(&data, move |name| resolver(name))
}
