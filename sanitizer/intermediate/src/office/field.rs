//! Word fields that stay alive: page numbers, contents, references, forms.

use super::grammar::is_plain;
use crate::words::words;

/// Most bytes of the arguments.
const MAX_ARGUMENTS: usize = 2_000;

words! {
    /// Fields that neither fetch, run nor link anything. All others keep their
    /// last result as text.
    pub enum Verb {
        /// Number of this page.
        Page = "PAGE",
        /// Number of pages.
        NumPages = "NUMPAGES",
        /// Number of this section.
        Section = "SECTION",
        /// Pages of this section.
        SectionPages = "SECTIONPAGES",
        /// Table of contents.
        Toc = "TOC",
        /// Entry for a table of contents.
        Tc = "TC",
        /// Entry for an index.
        Xe = "XE",
        /// Index.
        Index = "INDEX",
        /// Page a bookmark is on.
        PageRef = "PAGEREF",
        /// Text of a bookmark.
        Ref = "REF",
        /// Mark of a note.
        NoteRef = "NOTEREF",
        /// Running number.
        Seq = "SEQ",
        /// Text in a style, for headers.
        StyleRef = "STYLEREF",
        /// Today.
        Date = "DATE",
        /// Now.
        Time = "TIME",
        /// Characters over each other: 囲い文字, ルビ.
        Eq = "EQ",
        /// A character by its number.
        Symbol = "SYMBOL",
        /// Moves the text after it.
        Advance = "ADVANCE",
        /// Number in a list.
        ListNum = "LISTNUM",
        /// Paragraph number.
        AutoNum = "AUTONUM",
        /// Paragraph number in legal style.
        AutoNumLgl = "AUTONUMLGL",
        /// Paragraph number in outline style.
        AutoNumOut = "AUTONUMOUT",
        /// Text box of a form.
        FormText = "FORMTEXT",
        /// Check box of a form.
        FormCheckBox = "FORMCHECKBOX",
        /// List of a form.
        FormDropDown = "FORMDROPDOWN",
        /// Jump within the document.
        Hyperlink = "HYPERLINK",
    }
}

/// Why an instruction does not stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a field that does not stay")]
pub struct NotKept;

/// An instruction: a verb of the list and inert arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    verb: Verb,
    arguments: String,
}

impl Field {
    /// Puts an instruction together.
    ///
    /// # Errors
    /// `NotKept` when the arguments have control characters, are too long,
    /// or lead a jump out of the document.
    pub fn new(verb: Verb, arguments: &str) -> Result<Self, NotKept> {
        let arguments = arguments.trim();
        let plain = is_plain(arguments) && arguments.len() <= MAX_ARGUMENTS;
        let inside = verb != Verb::Hyperlink || leads_inside(arguments);
        if plain && inside {
            Ok(Self { verb, arguments: arguments.to_owned() })
        } else {
            Err(NotKept)
        }
    }

    /// What it does.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        self.verb
    }

    /// With what.
    #[must_use]
    pub fn arguments(&self) -> &str {
        &self.arguments
    }
}

/// Whether a jump names a bookmark and nothing before or beside it:
/// `\l "name"`, then at most the switches `\h`, `\n` and a tip.
fn leads_inside(arguments: &str) -> bool {
    let Some(rest) = arguments.strip_prefix("\\l") else {
        return false;
    };
    let rest = rest.trim_start();
    let after = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(_, after)| after),
        None => Some(rest.split_once(' ').map_or("", |(_, after)| after)),
    };
    let Some(after) = after else {
        return false;
    };
    let mut quoted = false;
    let outside: String = after
        .chars()
        .filter(|it| {
            quoted ^= *it == '"';
            !quoted && *it != '"'
        })
        .collect();
    !quoted && outside.split_whitespace().all(|it| matches!(it, "\\h" | "\\n" | "\\o"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: a jump stays only when it leads to a bookmark of the same document.
    #[test]
    fn a_jump_out_of_the_document_is_not_kept() {
        assert!(Field::new(Verb::Hyperlink, "\\l \"_Toc1\" \\h").is_ok());
        assert!(Field::new(Verb::Hyperlink, "\\l _Toc1").is_ok());
        assert!(Field::new(Verb::Hyperlink, "\\l \"_Toc1\" \\o \"tip\"").is_ok());
        assert_eq!(Field::new(Verb::Hyperlink, "\"http://example.com\""), Err(NotKept));
        assert_eq!(Field::new(Verb::Hyperlink, "\\l \"a\" \"file://x\" y"), Err(NotKept));
        assert_eq!(Field::new(Verb::Hyperlink, "\\l \"a"), Err(NotKept));
    }
}
