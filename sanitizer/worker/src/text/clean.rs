//! Takes out the characters that must not cross.

use sanitizer_intermediate::text::{Unwanted, unwanted};
use sanitizer_intermediate::{Findings, Place, RemovedKind};

/// The text without [`unwanted`] characters, every line ending with `\n`.
pub(super) fn cleaned(text: &str, findings: &mut Findings) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut line = 1;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                kept.push('\n');
                line += 1;
            }
            '\n' | '\u{2028}' | '\u{2029}' => {
                kept.push('\n');
                line += 1;
            }
            other => match unwanted(other) {
                None => kept.push(other),
                Some(kind) => findings.remove(removed(kind), 1, Place::Line(line)),
            },
        }
    }
    kept
}

const fn removed(kind: Unwanted) -> RemovedKind {
    match kind {
        Unwanted::Control => RemovedKind::ControlCharacters,
        Unwanted::Bidi => RemovedKind::BidiCharacters,
        Unwanted::Invisible => RemovedKind::InvisibleCharacters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: nothing hides in a text.
    #[test]
    fn hidden_characters_are_taken_out_and_placed() {
        let mut findings = Findings::default();
        let text = cleaned("一行目\r\n二\0行\u{202e}目\r三\u{200b}行目", &mut findings);
        assert_eq!(text, "一行目\n二行目\n三行目");
        let noted: Vec<_> = findings.removed().iter().map(|it| (it.kind, it.place)).collect();
        assert_eq!(
            noted,
            [
                (RemovedKind::ControlCharacters, Place::Line(2)),
                (RemovedKind::BidiCharacters, Place::Line(2)),
                (RemovedKind::InvisibleCharacters, Place::Line(3)),
            ]
        );
    }
}
