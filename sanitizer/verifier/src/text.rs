//! Text and separated values.

use crate::refusal::{Refusal, Verdict, must};

const BOM: char = '\u{FEFF}';

/// UTF-8 without control characters, hidden characters and bidi tricks; a
/// byte order mark may stand first.
pub(crate) fn plain(bytes: &[u8]) -> Verdict {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::of("text that is not UTF-8"))?;
    let text = text.strip_prefix(BOM).unwrap_or(text);
    must(!text.chars().any(is_hidden), "hidden characters")
}

/// The same, and quotes that pair up.
pub(crate) fn csv(bytes: &[u8]) -> Verdict {
    plain(bytes)?;
    must(bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 0, "a quote without end")
}

fn is_hidden(letter: char) -> bool {
    let control = letter.is_control() && !matches!(letter, '\t' | '\n' | '\r');
    control
        || matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | BOM)
}
