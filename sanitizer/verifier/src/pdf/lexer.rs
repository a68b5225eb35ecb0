//! Objects and operators.

use crate::refusal::{Refusal, must};

const DEEPEST: usize = 12;
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

pub(super) struct Lexer<'l> {
    all: &'l [u8],
    pub(super) at: usize,
    /// `7 0 R` is a reference; in content it is not.
    references: bool,
}

impl<'l> Lexer<'l> {
    pub(super) const fn new(all: &'l [u8], at: usize, references: bool) -> Self {
        Self { all, at, references }
    }

    fn peek(&self) -> Option<u8> {
        self.all.get(self.at).copied()
    }

    pub(super) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n')) {
            self.at += 1;
        }
    }

    pub(super) fn is_done(&mut self) -> bool {
        self.skip_space();
        self.peek().is_none()
    }

    /// The next thing.
    pub(super) fn token(&mut self) -> Result<Token, Refusal> {
        self.skip_space();
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
        self.skip_space();
        let rest = self.all.get(self.at..).unwrap_or_default();
        match rest {
            [b'<', b'<', ..] => self.dict(depth).map(Object::Dict),
            [b'<', ..] => self.hex().map(Object::Text),
            [b'(', ..] => self.text().map(Object::Text),
            [b'[', ..] => {
                self.at += 1;
                let mut list = Vec::new();
                loop {
                    self.skip_space();
                    if self.peek() == Some(b']') {
                        self.at += 1;
                        return Ok(Object::Array(list));
                    }
                    list.push(self.object(depth + 1)?);
                }
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
        must(plain && word.len() < 64, "an odd number")?;
        if self.references && word.bytes().all(|it| it.is_ascii_digit()) {
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
        loop {
            self.skip_space();
            let rest = self.all.get(self.at..).unwrap_or_default();
            if rest.starts_with(b">>") {
                self.at += 2;
                return Ok(dict);
            }
            must(rest.starts_with(b"/"), "a key that is no name")?;
            let key = self.name()?;
            must(dict.get(&key).is_none(), "a key twice")?;
            let value = self.object(depth + 1)?;
            dict.0.push((key, value));
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
