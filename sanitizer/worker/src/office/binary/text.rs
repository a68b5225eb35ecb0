//! Markup, written.

use std::fmt::{Display, Write as _};

use super::Binary;
use super::fields::Fields;
use crate::office::plain::escaped;

/// An attribute.
pub(super) fn attribute(out: &mut String, name: &str, value: impl Display) {
    let _ = write!(out, " {name}=\"{value}\"");
}

/// An attribute with a text of the file.
pub(super) fn attribute_text(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"{}\"", escaped(value));
}

/// A switch, when it is on.
pub(super) fn switch(out: &mut String, name: &str, on: bool) {
    if on {
        let _ = write!(out, " {name}=\"1\"");
    }
}

/// An element with a text of the file.
pub(super) fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>{}</{name}>", escaped(text));
}

/// A text with fonts and readings, as what stands in `si`, `is` or `text`;
/// readings are counted and left out.
pub(super) fn rich(fields: &mut Fields<'_>, binary: &Binary, left_out: &mut u32) -> String {
    const RUNS: u8 = 1;
    const READINGS: u8 = 2;
    let flags = fields.u8();
    let text = fields.text();
    *left_out = left_out.saturating_add(u32::from(flags & READINGS != 0));
    let mut out = String::new();
    let count = if flags & RUNS != 0 { fields.u32() } else { 0 };
    let mut starts = Vec::new();
    for _ in 0..count {
        if fields.is_done() {
            break;
        }
        starts.push((usize::from(fields.u16()), usize::from(fields.u16())));
    }
    if starts.is_empty() {
        element(&mut out, "t", &text);
        return out;
    }
    // Places count units of UTF-16.
    let mut runs: Vec<(Option<usize>, String)> = vec![(None, String::new())];
    let mut unit = 0;
    let mut next = starts.into_iter().peekable();
    for character in text.chars() {
        while let Some((_, font)) = next.next_if(|it| it.0 <= unit) {
            runs.push((Some(font), String::new()));
        }
        if let Some(run) = runs.last_mut() {
            run.1.push(character);
        }
        unit += character.len_utf16();
    }
    for (font, text) in runs.iter().filter(|it| !it.1.is_empty()) {
        out.push_str("<r>");
        if let Some(font) = font.and_then(|it| binary.fonts.get(it)) {
            let _ = write!(out, "<rPr>{font}</rPr>");
        }
        element(&mut out, "t", text);
        out.push_str("</r>");
    }
    out
}
