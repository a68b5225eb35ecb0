//! Plain text, and which characters may be in any text at all.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::words::words;

/// Most bytes of UTF-8 in one text.
pub const MAX_TEXT_BYTES: usize = 256 << 20;

/// Why a character does not cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// C0 and C1 controls other than tab and line ends, and non-characters.
    Control,
    /// Embeddings, overrides and isolates that change the reading direction.
    Bidi,
    /// Marks nobody sees: byte order marks in the text, tags, fillers.
    Invisible,
}

/// Says whether a character must go; `None` for ordinary ones.
///
/// Zero-width joiners, variation selectors and ideographic variation sequences
/// stay: names and emoji need them.
#[must_use]
pub const fn unwanted(character: char) -> Option<Unwanted> {
    match character {
        '\t' | '\n' | '\r' => None,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Some(Unwanted::Control),
        '\u{fdd0}'..='\u{fdef}' => Some(Unwanted::Control),
        '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => Some(Unwanted::Bidi),
        '\u{ad}'
        | '\u{feff}'
        | '\u{200b}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e00ff}'
        | '\u{180e}'
        | '\u{2028}'
        | '\u{2029}' => Some(Unwanted::Invisible),
        _ if (character as u32) & 0xfffe == 0xfffe => Some(Unwanted::Control),
        _ => None,
    }
}

/// Whether no character of the text is [`unwanted`].
#[must_use]
pub fn is_clean(text: &str) -> bool {
    text.chars().all(|character| unwanted(character).is_none())
}

/// A text file. Within `content` every line ends with `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    content: String,
    /// How lines ended in the file and will again.
    pub line_end: LineEnd,
}

words! {
    /// The end of a line in a text file.
    pub enum LineEnd {
        /// As on Unix.
        Lf = "lf",
        /// As on Windows.
        CrLf = "crlf",
    }
}

/// The text has a character that must not cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text has a character that must not cross")]
pub struct NotClean;

impl Text {
    /// Takes a text over.
    ///
    /// # Errors
    /// [`NotClean`] when it has an [`unwanted`] character or a carriage return.
    pub fn new(content: String, line_end: LineEnd) -> Result<Self, NotClean> {
        if is_clean(&content) && !content.contains('\r') {
            Ok(Self { content, line_end })
        } else {
            Err(NotClean)
        }
    }

    /// The characters.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }
}

impl Encode for Text {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(&self.content);
        to.value(&self.line_end);
    }
}

impl Decode for Text {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let content = from.str(MAX_TEXT_BYTES)?;
        Self::new(content, from.value()?).map_err(|_| DecodeError::Invalid("Text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: what a text may not contain is decided in one place, and a worker
    /// that sends it anyway is not believed.
    #[test]
    fn a_text_with_a_hidden_character_does_not_cross() {
        for hidden in ['\0', '\u{7}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{e0041}', '\u{ffff}'] {
            let text = format!("請求{hidden}書");
            assert_eq!(Text::new(text, LineEnd::Lf), Err(NotClean), "{hidden:?}");
        }
    }

    #[test]
    fn names_with_joiners_and_variation_selectors_are_clean() {
        assert!(is_clean("葛\u{e0100}城市 👨\u{200d}👩\u{200d}👧 \u{845b}\u{fe00} 髙\u{f8ff}\n\t"));
    }
}
