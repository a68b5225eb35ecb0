//! Kinds that are text: told by how they begin and by their name.

use sanitizer_intermediate::{Family, Kind};

use crate::text::looks_like_text;

/// Bytes looked at for markup.
const HEAD: usize = 1024;

/// The kind of something without a signature.
pub(super) fn kind(bytes: &[u8], hint: Option<Kind>) -> Kind {
    if !looks_like_text(bytes) {
        return Kind::Unknown;
    }
    match hint {
        Some(kind @ (Kind::Text | Kind::Csv | Kind::Script | Kind::Shortcut)) => kind,
        Some(kind @ (Kind::Html | Kind::Svg | Kind::Xml)) => kind,
        _ => markup(bytes).unwrap_or(match hint {
            Some(hint) if hint.family() == Family::Other => hint,
            _ => Kind::Text,
        }),
    }
}

/// Markup without a name that says it is shown as text.
fn markup(bytes: &[u8]) -> Option<Kind> {
    let head = bytes.get(..HEAD).unwrap_or(bytes).to_ascii_lowercase();
    let has = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
    if has(b"<svg") {
        Some(Kind::Svg)
    } else if has(b"<html") || has(b"<!doctype html") || has(b"<script") {
        Some(Kind::Html)
    } else if has(b"<?xml") {
        Some(Kind::Xml)
    } else {
        None
    }
}
