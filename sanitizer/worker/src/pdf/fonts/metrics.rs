//! Font descriptors, and names of fonts.

use hayro::hayro_syntax::object::{Dict, Name};
use sanitizer_intermediate::pdf::{Metrics, max};

use super::sane;

/// What the descriptor says, with values readers take for granted when it does not.
pub(super) fn of(descriptor: &Dict<'_>) -> Metrics {
    let flags = descriptor.get::<u32>(b"Flags").unwrap_or(4);
    let number = |key: &[u8]| descriptor.get::<f32>(key).map(sane);
    let bounds = descriptor.get::<[f32; 4]>(b"FontBBox").unwrap_or([0.0; 4]).map(sane);
    Metrics {
        fixed: flags & 1 != 0,
        serif: flags & 2 != 0,
        symbolic: flags & 4 != 0,
        script: flags & 8 != 0,
        italic: flags & 64 != 0,
        bold: flags & (1 << 18) != 0,
        ascent: number(b"Ascent").unwrap_or(0.0),
        descent: number(b"Descent").unwrap_or(0.0),
        cap_height: number(b"CapHeight").unwrap_or(0.0),
        italic_angle: number(b"ItalicAngle").unwrap_or(0.0),
        stem: number(b"StemV").unwrap_or(0.0),
        weight: descriptor.get::<u16>(b"FontWeight").unwrap_or(0).min(1_000),
        bounds,
    }
}

/// The name of a font that is not embedded, in plain characters. Japanese
/// names in their own script become the names every reader knows.
pub(super) fn name(dict: &Dict<'_>, metrics: &Metrics) -> String {
    let Some(name) = dict.get::<Name<'_>>(b"BaseFont") else { return fallback(metrics).into() };
    if let Some(known) = japanese(name.as_ref()) {
        return known.into();
    }
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-,_.".contains(byte);
    let kept: String = name.as_ref().iter().filter(plain).map(|byte| char::from(*byte)).collect();
    let kept: String = kept.chars().take(max::NAME).collect();
    if kept.chars().any(|c| c.is_ascii_alphabetic()) { kept } else { fallback(metrics).into() }
}

fn fallback(metrics: &Metrics) -> &'static str {
    match (metrics.fixed, metrics.serif) {
        (true, _) => "Courier",
        (false, true) => "Times-Roman",
        (false, false) => "Helvetica",
    }
}

/// Names written in Shift_JIS or UTF-8, by the word for the style in them.
fn japanese(name: &[u8]) -> Option<&'static str> {
    if name.is_ascii() {
        return None;
    }
    let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.decode(name);
    let utf8 = String::from_utf8_lossy(name);
    let holds = |word: &str| shift_jis.contains(word) || utf8.contains(word);
    if holds("明朝") {
        Some("MS-Mincho")
    } else if holds("ゴシック") || holds("ｺﾞｼｯｸ") || holds("メイリオ") {
        Some("MS-Gothic")
    } else {
        None
    }
}
