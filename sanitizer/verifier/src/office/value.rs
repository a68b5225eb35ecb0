//! What a value may be, as it is printed.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::refusal::{Refusal, Verdict, must};

const FUNCTIONS: &str = include_str!("../../../intermediate/src/office/formula/functions.txt");
/// Most bytes of a text without a limit of its own.
const LONGEST: usize = 4 << 20;
/// Fields that neither fetch, run nor link anything.
const FIELDS: &str = "PAGE NUMPAGES SECTION SECTIONPAGES TOC TC XE INDEX PAGEREF REF NOTEREF SEQ \
    STYLEREF DATE TIME EQ SYMBOL ADVANCE LISTNUM AUTONUM AUTONUMLGL AUTONUMOUT FORMTEXT \
    FORMCHECKBOX FORMDROPDOWN HYPERLINK";

/// The kind of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Bool,
    Int,
    Uint,
    Number,
    /// A whole number, or a number with a unit of length.
    Measure,
    /// A whole number, or a number with or without `%`.
    Percent,
    Hex(usize),
    Colour,
    Word,
    Guid,
    OneOf(Vec<String>),
    Text(usize),
    /// Text of an element that says nothing about the spaces at its ends.
    Said,
    /// Ranges of cells.
    Cells,
    /// One cell.
    Cell,
    Guide,
    Field,
    Formula,
    /// The number of children.
    Count,
    /// The id of a reference of one of these words.
    To(Vec<String>),
    /// Width and height of a box.
    Size,
}

impl Kind {
    /// The kind written like this in the tables, unless it is a name.
    pub(super) fn read(text: &str) -> Option<Self> {
        let list = |text: &str| text.split('|').map(str::to_owned).collect();
        if let Some(words) = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            return Some(Self::OneOf(list(words)));
        }
        if let Some(words) = text.strip_prefix("to(").and_then(|it| it.strip_suffix(')')) {
            return Some(Self::To(list(words)));
        }
        if let Some(most) = text.strip_prefix("text(").and_then(|it| it.strip_suffix(')')) {
            // The limits are in characters, three bytes each at most.
            return most.parse().ok().map(|most: usize| Self::Text(most * 3));
        }
        if let Some(digits) = text.strip_prefix("hex") {
            return digits.parse().ok().map(Self::Hex);
        }
        Some(match text {
            "bool" => Self::Bool,
            "int" => Self::Int,
            "uint" => Self::Uint,
            "number" => Self::Number,
            "measure" => Self::Measure,
            "percent" => Self::Percent,
            "colour" => Self::Colour,
            "word" => Self::Word,
            "guid" => Self::Guid,
            "text" => Self::Text(LONGEST),
            "said" => Self::Said,
            "cells" => Self::Cells,
            "cell" => Self::Cell,
            "guide" => Self::Guide,
            "image" => Self::To(list("image")),
            "chart" => Self::To(list("chart")),
            "story" => Self::To(list("header|footer")),
            "link" => Self::To(list("hyperlink")),
            "field" => Self::Field,
            "formula" => Self::Formula,
            "count" => Self::Count,
            "box" => Self::Size,
            _ => return None,
        })
    }

    /// Whether a value, without escapes, is of this kind. What a count counts
    /// and a reference leads to is seen elsewhere.
    pub(super) fn admits(&self, text: &str) -> Verdict {
        let every = |fits: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|it| fits(&it));
        let fits = match self {
            Self::Bool => matches!(text, "0" | "1"),
            Self::Int => is_whole(text),
            Self::Uint | Self::Count => is_whole(text) && text.parse::<u32>().is_ok(),
            Self::Number => is_number(text),
            Self::Measure => is_whole(text) || is_decimal(without_unit(text)),
            Self::Percent => is_decimal(text.strip_suffix('%').unwrap_or(text)),
            Self::Hex(digits) => text.len() == *digits && every(u8::is_ascii_hexdigit),
            Self::Colour => text == "auto" || text.len() == 6 && every(u8::is_ascii_hexdigit),
            Self::Word => {
                text.len() <= 64 && every(|it| it.is_ascii_alphanumeric() || b"-_.+".contains(it))
            }
            Self::Guid => is_guid(text),
            Self::OneOf(words) => words.iter().any(|it| it == text),
            Self::Text(most) => text.len() <= *most,
            Self::Said => text.len() <= LONGEST,
            Self::Cells => every(|it| it.is_ascii_alphanumeric() || b"$: ".contains(it)),
            Self::Cell => is_cell(text),
            Self::Guide => {
                text.len() <= 256
                    && every(|it| it.is_ascii_alphanumeric() || b"+-*/?_. ".contains(it))
            }
            Self::To(_) => text.strip_prefix("rId").is_some_and(is_whole),
            Self::Size => is_size(text),
            Self::Field => return field(text),
            Self::Formula => return formula(text),
        };
        must(fits, "a value that is not ours")
    }
}

/// Digits as they are printed: no zeros in front, no plus.
pub(super) fn is_whole(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|it| it.to_string() == text)
}

/// A number as it is printed.
pub(super) fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|it| it.is_finite() && it.to_string() == text)
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=32).contains(&digits.len())
        && digits.bytes().any(|it| it.is_ascii_digit())
        && digits.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        && digits.matches('.').count() <= 1
}

fn without_unit(text: &str) -> &str {
    let units = ["mm", "cm", "in", "pt", "pc", "pi"];
    units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text)
}

fn is_guid(text: &str) -> bool {
    let inner = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or_default();
    let parts: Vec<usize> = inner.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && inner.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}

fn is_cell(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    (1..=3).contains(&letters) && is_whole(&text[letters..]) && !text[letters..].starts_with('-')
}

fn is_size(text: &str) -> bool {
    let inner = text.strip_prefix("width:").and_then(|it| it.strip_suffix("pt"));
    let sides = inner.and_then(|it| it.split_once("pt;height:"));
    sides.is_some_and(|(width, height)| is_whole(width) && is_whole(height))
}

/// An instruction: one of our verbs; a jump stays within the document.
fn field(text: &str) -> Verdict {
    let inner = text.strip_prefix(' ').and_then(|it| it.strip_suffix(' '));
    let inner = inner.ok_or(Refusal::of("a field that is not ours"))?;
    let (verb, arguments) = inner.split_once(' ').unwrap_or((inner, ""));
    must(FIELDS.split(' ').any(|it| it == verb), "a field that is not ours")?;
    must(arguments.trim() == arguments, "a field that is not ours")?;
    must(verb != "HYPERLINK" || arguments.starts_with("\\l"), "a field that leads out")
}

/// A formula: calls of our functions only, no topics, no other workbooks.
fn formula(text: &str) -> Verdict {
    static FUNCTION: LazyLock<HashSet<&str>> =
        LazyLock::new(|| FUNCTIONS.split_whitespace().collect());
    let outside: String = text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    let plain: String = outside.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    must(!plain.contains('|'), "a formula with a topic")?;
    let lower = text.to_ascii_lowercase();
    must(![".xls", "://", "\\\\"].iter().any(|it| lower.contains(it)), "a formula that leads out")?;
    let calls = plain.match_indices('(').all(|(at, _)| {
        let ends = |it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.'));
        let upper = plain[..at].rsplit(ends).next().unwrap_or_default().to_uppercase();
        let bare = ["_XLFN._XLWS.", "_XLFN.", "_XLWS."];
        let bare = bare.iter().find_map(|it| upper.strip_prefix(it)).unwrap_or(&upper);
        bare.is_empty() || FUNCTION.contains(bare)
    });
    must(calls, "a function that is not ours")
}
