//! Objects and operators.

use crate::refusal::{Refusal, must};

const DEEPEST: usize = 12;
const SPACES: [u8; 2 * DEEPEST] = [b' '; 2 * DEEPEST];
const ODD: Refusal = Refusal::of("an object that is not ours");

/// An object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Bool(bool),
    Number(f64),
    Name(String),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Ref(u32),
}

/// A dictionary; no key twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Dict(pub(super) Vec<(String, Object)>);

impl Dict {
    pub(super) fn get(&self, key: &str) -> Option<&Object> {
        self.0.iter().find(|it| it.0 == key).map(|it| &it.1)
    }

    /// Whether it has just these keys with these numbers, in this order.
    pub(super) fn is_just(&self, wanted: &[(&str, f64)]) -> bool {
        let given = self.0.iter().map(|(key, value)| (key.as_str(), value.clone()));
        given.eq(wanted.iter().map(|(key, number)| (*key, Object::Number(*number))))
    }

    pub(super) fn name(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Object::Name(name)) => Some(name),
            _ => None,
        }
    }

    pub(super) fn whole(&self, key: &str) -> Option<usize> {
        match self.get(key) {
            Some(Object::Number(number))
                if number.fract() == 0.0 && (0.0..4.0e9).contains(number) =>
            {
                Some(*number as usize)
            }
            _ => None,
        }
    }
}

/// A place in text that is an object or an operator.
pub(super) enum Token {
    Object(Object),
    Word(String),
}

/// Digits as they are printed: the fewest that say it.
fn is_printed(word: &str) -> bool {
    if word.bytes().all(|it| it.is_ascii_digit()) {
        return word == "0" || !word.starts_with('0');
    }
    // Two ways to say it may be as short and as near.
    let short = word.strip_suffix(".0").unwrap_or(word);
    word.parse::<f32>().is_ok_and(|it| it.to_string().len() == short.len())
        || word.parse::<i64>().is_ok_and(|it| it.to_string() == word)
}

pub(super) struct Lexer<'l> {
    all: &'l [u8],
    pub(super) at: usize,
    /// `7 0 R` is a reference and lines are indented; in content it is not so.
    objects: bool,
    /// How far keys stand from the left.
    indent: usize,
}

impl<'l> Lexer<'l> {
    pub(super) const fn new(all: &'l [u8], at: usize, objects: bool) -> Self {
        Self { all, at, objects, indent: 0 }
    }

    /// Passes over just these bytes.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> bool {
        let there = self.all.get(self.at..).is_some_and(|it| it.starts_with(bytes));
        self.at += if there { bytes.len() } else { 0 };
        there
    }

    fn peek(&self) -> Option<u8> {
        self.all.get(self.at).copied()
    }

    pub(super) fn is_done(&self) -> bool {
        self.peek().is_none()
    }

    /// The next thing.
    pub(super) fn token(&mut self) -> Result<Token, Refusal> {
        match self.peek().ok_or(ODD)? {
            b'A'..=b'Z' | b'a'..=b'z' | b'*' => {
                let word = self.regular();
                Ok(match word.as_str() {
                    "true" => Token::Object(Object::Bool(true)),
                    "false" => Token::Object(Object::Bool(false)),
                    _ => Token::Word(word),
                })
            }
            _ => Ok(Token::Object(self.object(0)?)),
        }
    }

    /// The next object.
    pub(super) fn object(&mut self, depth: usize) -> Result<Object, Refusal> {
        must(depth < DEEPEST, "objects nested too deep")?;
        let rest = self.all.get(self.at..).unwrap_or_default();
        match rest {
            [b'<', b'<', ..] => self.dict(depth).map(Object::Dict),
            [b'<', ..] => self.hex().map(Object::Text),
            [b'(', ..] => self.text().map(Object::Text),
            [b'[', ..] => {
                self.at += 1;
                let mut list = Vec::new();
                while !self.pass(b"]") {
                    // Content has its numbers apart, or each followed by a space.
                    must(list.is_empty() || self.pass(b" ") || !self.objects, ODD.what())?;
                    if !self.objects && self.pass(b"]") {
                        break;
                    }
                    list.push(self.object(depth + 1)?);
                }
                Ok(Object::Array(list))
            }
            [b'/', ..] => self.name().map(Object::Name),
            [b't' | b'f', ..] => match self.regular().as_str() {
                "true" => Ok(Object::Bool(true)),
                "false" => Ok(Object::Bool(false)),
                _ => Err(ODD),
            },
            [b'-' | b'.' | b'0'..=b'9', ..] => self.number(),
            _ => Err(ODD),
        }
    }

    fn number(&mut self) -> Result<Object, Refusal> {
        let word = self.regular();
        let plain = word.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'-' | b'.'));
        must(plain && word.len() < 64 && is_printed(&word), "an odd number")?;
        if self.objects && word.bytes().all(|it| it.is_ascii_digit()) {
            let rest = self.all.get(self.at..).unwrap_or_default();
            if rest.starts_with(b" 0 R") && !rest.get(4).is_some_and(u8::is_ascii_alphanumeric) {
                self.at += 4;
                return word.parse().map(Object::Ref).map_err(|_| ODD);
            }
        }
        word.parse().map(Object::Number).map_err(|_| ODD)
    }

    fn regular(&mut self) -> String {
        let rest = self.all.get(self.at..).unwrap_or_default();
        let special = |it: &u8| !it.is_ascii_graphic() || b"()<>[]{}/%".contains(it);
        let length = rest.iter().position(special).unwrap_or(rest.len());
        self.at += length;
        rest[..length].iter().map(|it| char::from(*it)).collect()
    }

    fn name(&mut self) -> Result<String, Refusal> {
        self.at += 1;
        let raw = self.regular();
        let mut parts = raw.split('#');
        let mut name: Vec<u8> = parts.next().unwrap_or_default().bytes().collect();
        for part in parts {
            let code = part.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok()).ok_or(ODD)?;
            name.push(code);
            name.extend(part[2..].bytes());
        }
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    fn dict(&mut self, depth: usize) -> Result<Dict, Refusal> {
        self.at += 2;
        let mut dict = Dict::default();
        if self.pass(b">>") {
            return Ok(dict);
        }
        self.indent += 2;
        loop {
            if self.objects {
                let lines = self.pass(b"\n") && self.pass(&SPACES[..self.indent]);
                must(lines, "lines that are not ours")?;
            }
            must(self.peek() == Some(b'/'), "a key that is no name")?;
            let key = self.name()?;
            must(dict.get(&key).is_none(), "a key twice")?;
            must(self.pass(b" "), "lines that are not ours")?;
            let value = self.object(depth + 1)?;
            dict.0.push((key, value));
            let end = self.all.get(self.at..).unwrap_or_default();
            let left = &SPACES[..self.indent - 2];
            let ends = match self.objects {
                true => end.strip_prefix(b"\n").and_then(|it| it.strip_prefix(left)),
                false => Some(end),
            };
            if let Some(rest) = ends.and_then(|it| it.strip_prefix(b">>")) {
                self.at = self.all.len() - rest.len();
                self.indent -= 2;
                return Ok(dict);
            }
        }
    }

    fn hex(&mut self) -> Result<Vec<u8>, Refusal> {
        let rest = self.all.get(self.at + 1..).unwrap_or_default();
        let length = rest.iter().position(|it| *it == b'>').ok_or(ODD)?;
        let digits = &rest[..length];
        must(length % 2 == 0 && digits.iter().all(u8::is_ascii_hexdigit), "odd digits")?;
        self.at += length + 2;
        let digit = |it: u8| char::from(it).to_digit(16).unwrap_or(0) as u8;
        Ok(digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect())
    }

    fn text(&mut self) -> Result<Vec<u8>, Refusal> {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 0_usize);
        loop {
            let byte = self.peek().ok_or(ODD)?;
            self.at += 1;
            match byte {
                b'\\' => {
                    let escaped = self.peek().ok_or(ODD)?;
                    self.at += 1;
                    text.push(match escaped {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'b' => 8,
                        b'f' => 12,
                        b'(' | b')' | b'\\' => escaped,
                        b'0'..=b'3' => {
                            let digits = self.all.get(self.at - 1..self.at + 2).ok_or(ODD)?;
                            self.at += 2;
                            let digits = std::str::from_utf8(digits).map_err(|_| ODD)?;
                            u8::from_str_radix(digits, 8).map_err(|_| ODD)?
                        }
                        _ => return Err(ODD),
                    });
                }
                b'(' => {
                    open += 1;
                    text.push(byte);
                }
                b')' if open == 0 => return Ok(text),
                b')' => {
                    open -= 1;
                    text.push(byte);
                }
                _ => text.push(byte),
            }
        }
    }
}
