//! The words of a script: names behind a dot, names it does not declare, and signs that are newer
//! than ECMAScript 5.

use std::collections::BTreeSet;

/// Signs and words of newer versions of the language; each is a feature of its own.
const NEWER: [&str; 5] = ["=>", "?.", "??", "**", "..."];

/// Words of ECMAScript 5 that need no line in the table.
const OLD: [&str; 27] = [
    "break",
    "case",
    "catch",
    "continue",
    "default",
    "delete",
    "do",
    "else",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "while",
];

/// Everything a script uses that a browser must bring.
pub(crate) fn features(text: &str) -> BTreeSet<String> {
    let pieces = pieces(text);
    let own = declared(&pieces);
    let mut found = BTreeSet::new();
    for (n, piece) in pieces.iter().enumerate() {
        let before = n.checked_sub(1).map_or(Piece::Sign(String::new()), |at| pieces[at].clone());
        let after = pieces.get(n + 1).cloned();
        match piece {
            Piece::Newer(sign) => {
                found.insert(format!("js {sign}"));
            }
            Piece::Word(word) if before == Piece::Sign(".".to_owned()) => {
                let called = after == Some(Piece::Sign("(".to_owned()));
                found.insert(format!("js .{word}{}", if called { "()" } else { "" }));
            }
            // A name of an object's own part: `{ name: file.name }`.
            Piece::Word(_)
                if after == Some(Piece::Sign(":".to_owned()))
                    && matches!(&before, Piece::Sign(sign) if sign == "{" || sign == ",") => {}
            Piece::Word(word) if !own.contains(word) && !OLD.contains(&word.as_str()) => {
                found.insert(format!("js {word}"));
            }
            Piece::Word(_) | Piece::Sign(_) => {}
        }
    }
    found
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Word(String),
    Sign(String),
    /// Something newer than ECMAScript 5.
    Newer(String),
}

/// Names of variables, functions, their arguments and caught errors.
fn declared(pieces: &[Piece]) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    let word = |at: usize| match pieces.get(at) {
        Some(Piece::Word(word)) => Some(word.clone()),
        _ => None,
    };
    for at in 0..pieces.len() {
        match word(at).as_deref() {
            Some("var") => own.extend(word(at + 1)),
            Some("function" | "catch") => {
                own.extend(word(at + 1));
                let rest = pieces[at..].iter().skip_while(|p| **p != Piece::Sign("(".to_owned()));
                let arguments = rest.take_while(|p| **p != Piece::Sign(")".to_owned()));
                own.extend(arguments.filter_map(|piece| match piece {
                    Piece::Word(word) => Some(word.clone()),
                    Piece::Sign(_) | Piece::Newer(_) => None,
                }));
            }
            _ => {}
        }
    }
    own
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' || first == '\'' {
            pieces.push(Piece::Sign("text".to_owned()));
            quoted(rest, first)
        } else if first == '/' && begins_a_pattern(pieces.last()) {
            let length = quoted(rest, '/');
            if rest[..length].contains("(?<") {
                pieces.push(Piece::Newer("(?<".to_owned()));
            }
            let flags = rest[length..].find(|c: char| !c.is_ascii_lowercase());
            length + flags.unwrap_or(0)
        } else if first.is_alphabetic() || first == '_' || first == '$' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
            let end = end.unwrap_or(rest.len());
            pieces.push(Piece::Word(rest[..end].to_owned()));
            end
        } else if first.is_ascii_digit() {
            pieces.push(Piece::Sign("number".to_owned()));
            rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())
        } else if let Some(sign) = NEWER.into_iter().find(|sign| rest.starts_with(sign)) {
            pieces.push(Piece::Newer(sign.to_owned()));
            sign.len()
        } else {
            match first {
                '`' | '#' => pieces.push(Piece::Newer(first.to_string())),
                space if space.is_whitespace() => {}
                sign => pieces.push(Piece::Sign(sign.to_string())),
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    pieces
}

/// Whether a slash here begins a pattern, and is no division.
fn begins_a_pattern(before: Option<&Piece>) -> bool {
    match before {
        None => true,
        Some(Piece::Word(word)) => word == "return",
        Some(Piece::Sign(sign)) => !matches!(sign.as_str(), ")" | "]" | "}" | "text" | "number"),
        Some(Piece::Newer(_)) => true,
    }
}

/// Bytes up to and with the closing quote.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        if !escaped && letter == quote {
            return at + letter.len_utf8();
        }
        escaped = !escaped && letter == '\\';
    }
    text.len()
}
