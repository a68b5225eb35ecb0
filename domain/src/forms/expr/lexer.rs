//! Text into tokens, each with its place.

use super::names::{ExprError, Reason};
use super::value::Decimal;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Name(String),
    Text(String),
    Number(Decimal),
    Symbol(&'static str),
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 15] =
    ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "(", ")", "[", "]", ",", "="];

pub(crate) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExprError> {
    if text.len() > super::MAX_LENGTH {
        return Err(ExprError { at: 0, reason: Reason::TooLong });
    }
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let (token, after) = match first {
            '\'' | '"' => quoted(rest, first).ok_or(ExprError { at, reason: Reason::OpenQuote })?,
            '0'..='9' => number(rest).ok_or(ExprError { at, reason: Reason::BadNumber })?,
            c if c.is_ascii_alphabetic() || c == '_' => name(rest),
            _ => symbol(rest)
                .ok_or(ExprError { at, reason: Reason::Unexpected(first.to_string()) })?,
        };
        found.push((at, token));
        rest = after.trim_start();
    }
    Ok(found)
}

fn quoted(rest: &str, quote: char) -> Option<(Token, &str)> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.push(chars.next()?.1),
            c if c == quote => return Some((Token::Text(value), &rest[at + c.len_utf8()..])),
            c => value.push(c),
        }
    }
    None
}

fn number(rest: &str) -> Option<(Token, &str)> {
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    Some((Token::Number(digits.parse().ok()?), after))
}

fn name(rest: &str) -> (Token, &str) {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let (name, after) = rest.split_at(rest.find(|c| !part(c)).unwrap_or(rest.len()));
    (Token::Name(name.to_owned()), after)
}

fn symbol(rest: &str) -> Option<(Token, &str)> {
    SYMBOLS.iter().find_map(|s| rest.strip_prefix(s).map(|after| (Token::Symbol(s), after)))
}
