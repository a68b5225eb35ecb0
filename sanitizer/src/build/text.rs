//! Plain text, in UTF-8.

use sanitizer_intermediate::Findings;
use sanitizer_intermediate::text::{LineEnd, Text};

use super::Built;

/// Writes the text with the line ends it had.
#[must_use]
pub fn build(part: &Text) -> Built {
    let content = match part.line_end {
        LineEnd::Lf => part.content().to_owned(),
        LineEnd::CrLf => part.content().replace('\n', "\r\n"),
    };
    Built {
        bytes: content.into_bytes(),
        media: "text/plain; charset=utf-8",
        extension: "txt",
        findings: Findings::default(),
    }
}
