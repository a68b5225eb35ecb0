//! What a value may be.

use crate::office::{Value, field::Field, formula::Formula};

/// Most bytes of a text without a limit of its own.
pub const MAX_TEXT: usize = 4 << 20;
/// Most bytes of a list of cell ranges.
const MAX_CELLS: usize = 256 << 10;
/// Longest address of a link.
const MAX_ADDRESS: usize = 2_083;
/// Whole numbers beyond this are nowhere in use.
const MAX_INT: i64 = 1 << 53;

/// The kind of a value: what the worker looks for and the builder prints.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `1` or `0`, held as [`Value::Int`].
    Bool,
    /// A whole number, as [`Value::Int`].
    Int,
    /// A whole number that is not negative and fits 32 bits, as [`Value::Int`].
    Uint,
    /// A finite number, as [`Value::Number`].
    Number,
    /// A length: twips or EMU as [`Value::Int`], or a number with a unit as [`Value::Text`].
    Measure,
    /// A share: whole thousandths or the like as [`Value::Int`], or a number
    /// with or without `%` as [`Value::Text`].
    Percent,
    /// This many hexadecimal digits, as [`Value::Text`].
    Hex(u8),
    /// `auto` or six hexadecimal digits, as [`Value::Text`].
    Colour,
    /// A name like `rect` or `ja-JP`: letters, digits, `-_.+`, as [`Value::Text`].
    Word,
    /// `{8-4-4-4-12}`, as [`Value::Text`].
    Guid,
    /// One of the listed words, as [`Value::Token`].
    OneOf(Vec<String>),
    /// Text of at most this many bytes, as [`Value::Text`].
    Text(usize),
    /// Cell ranges like `A1:B2 D4`, as [`Value::Text`].
    Cells,
    /// An operand or operation of a geometry: `*/ h 1 2`, as [`Value::Text`].
    Guide,
    /// A picture, as [`Value::Ref`] into the document's pictures.
    Image,
    /// A chart, as [`Value::Ref`] into the document's charts.
    Chart,
    /// A header or footer, as [`Value::Ref`] into the document's stories.
    Story,
    /// The address of a web page or mailbox, as [`Value::Text`]. Whether it is
    /// written is the policy's choice.
    Link,
    /// An instruction of a Word field, as [`Value::Field`].
    Field,
    /// A formula of a sheet, as [`Value::Formula`].
    Formula,
    /// The number of children. Never held; the builder counts.
    Count,
}

impl Kind {
    /// Whether a value is of this kind. Every value that crosses the pipe is
    /// asked this again by the reader of the message.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Bool, Value::Int(number)) => matches!(number, 0 | 1),
            (Self::Int | Self::Measure | Self::Percent, Value::Int(number)) => {
                number.abs() <= MAX_INT
            }
            (Self::Uint, Value::Int(number)) => u32::try_from(*number).is_ok(),
            (Self::Number, Value::Number(number)) => number.is_finite(),
            (Self::Image | Self::Chart | Self::Story, Value::Ref(_)) => true,
            (Self::OneOf(words), Value::Token(at)) => usize::from(*at) < words.len(),
            (Self::Field, Value::Field(_)) | (Self::Formula, Value::Formula(_)) => true,
            (_, Value::Text(text)) => self.admits_text(text),
            (
                _,
                Value::Int(_)
                | Value::Number(_)
                | Value::Ref(_)
                | Value::Token(_)
                | Value::Field(_)
                | Value::Formula(_),
            ) => false,
        }
    }

    /// Whether a text is of this kind.
    #[must_use]
    pub fn admits_text(&self, text: &str) -> bool {
        match self {
            Self::Measure => is_decimal(trim_unit(text)),
            Self::Percent => is_decimal(text.strip_suffix('%').unwrap_or(text)),
            Self::Hex(digits) => text.len() == usize::from(*digits) && is_hex(text),
            Self::Colour => text == "auto" || (text.len() == 6 && is_hex(text)),
            Self::Word => {
                (1..=64).contains(&text.len())
                    && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.+".contains(&it))
            }
            Self::Guid => is_guid(text),
            Self::Text(most) => text.len() <= *most && is_plain(text),
            Self::Cells => {
                (1..=MAX_CELLS).contains(&text.len())
                    && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"$: ".contains(&it))
            }
            Self::Link => is_web(text),
            Self::Guide => {
                (1..=256).contains(&text.len())
                    && text
                        .bytes()
                        .all(|it| it.is_ascii_alphanumeric() || b"+-*/?_. ".contains(&it))
            }
            Self::Bool
            | Self::Int
            | Self::Uint
            | Self::Number
            | Self::OneOf(_)
            | Self::Image
            | Self::Chart
            | Self::Story
            | Self::Field
            | Self::Formula
            | Self::Count => false,
        }
    }

    /// The kind written like this in the tables, unless it is a name.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(words) = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            return Some(Self::OneOf(words.split('|').map(str::to_owned).collect()));
        }
        if let Some(most) = text.strip_prefix("text(").and_then(|it| it.strip_suffix(')')) {
            // The limits of the tables are in characters, three bytes each at most.
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
            "text" => Self::Text(MAX_TEXT),
            "cells" => Self::Cells,
            "guide" => Self::Guide,
            "image" => Self::Image,
            "chart" => Self::Chart,
            "story" => Self::Story,
            "link" => Self::Link,
            "field" => Self::Field,
            "formula" => Self::Formula,
            "count" => Self::Count,
            _ => return None,
        })
    }
}

/// Whether every character may stand in XML 1.0.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.chars().all(|it| match it {
        '\t' | '\n' | '\r' => true,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    })
}

/// Whether an address is one of a web page or a mailbox, and nothing else.
#[must_use]
pub fn is_web(address: &str) -> bool {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let known = ["http://", "https://", "mailto:"].iter().any(|it| lower.starts_with(it));
    let plain = |it: u8| it.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&it);
    known && address.len() <= MAX_ADDRESS && address.bytes().all(plain)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_hexdigit())
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=32).contains(&digits.len())
        && digits.bytes().any(|it| it.is_ascii_digit())
        && digits.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        && digits.bytes().filter(|it| *it == b'.').count() <= 1
}

fn trim_unit(text: &str) -> &str {
    ["mm", "cm", "in", "pt", "pc", "pi"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text)
}

fn is_guid(text: &str) -> bool {
    text.len() == 38
        && text.bytes().enumerate().all(|(at, it)| match at {
            0 => it == b'{',
            37 => it == b'}',
            9 | 14 | 19 | 24 => it == b'-',
            _ => it.is_ascii_hexdigit(),
        })
}

// The two kinds with rules of their own.
impl From<Field> for Value {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl From<Formula> for Value {
    fn from(formula: Formula) -> Self {
        Self::Formula(formula)
    }
}
