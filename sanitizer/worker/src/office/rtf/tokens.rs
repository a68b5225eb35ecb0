//! What the bytes are made of.

/// A piece of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'f> {
    Open,
    Close,
    /// A control word and its number.
    Word(&'f str, Option<i32>),
    /// A control sign: `*`, `~`, `-`.
    Sign(u8),
    /// A byte of text, written as such or in hexadecimal.
    Byte(u8),
    /// Data of a given length.
    Data(&'f [u8]),
}

/// Steps over the pieces.
pub(super) struct Tokens<'f> {
    bytes: &'f [u8],
    at: usize,
}

impl<'f> Tokens<'f> {
    pub(super) const fn new(bytes: &'f [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn control(&mut self) -> Option<Token<'f>> {
        let first = *self.bytes.get(self.at)?;
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            return Some(match first {
                b'\'' => self.hexadecimal(),
                b'\\' | b'{' | b'}' => Token::Byte(first),
                b'\r' | b'\n' => Token::Word("par", None),
                _ => Token::Sign(first),
            });
        }
        let start = self.at;
        let letters = self.bytes[start..].iter().take(32).take_while(|it| it.is_ascii_alphabetic());
        self.at += letters.count();
        let word = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        let number = self.number();
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        if word == "bin" {
            let length = usize::try_from(number.unwrap_or_default()).unwrap_or_default();
            let end = self.at.saturating_add(length).min(self.bytes.len());
            let data = &self.bytes[self.at..end];
            self.at = end;
            return Some(Token::Data(data));
        }
        Some(Token::Word(word, number))
    }

    fn number(&mut self) -> Option<i32> {
        let rest = &self.bytes[self.at..];
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest[sign..].iter().take(10).take_while(|it| it.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        self.at += sign + digits;
        let text = std::str::from_utf8(&rest[..sign + digits]).ok()?;
        Some(text.parse().unwrap_or_default())
    }

    fn hexadecimal(&mut self) -> Token<'f> {
        let digit = |at: usize| {
            let it = char::from(*self.bytes.get(at)?).to_digit(16)?;
            u8::try_from(it).ok()
        };
        match (digit(self.at), digit(self.at + 1)) {
            (Some(high), Some(low)) => {
                self.at += 2;
                Token::Byte(high << 4 | low)
            }
            _ => Token::Sign(b'\''),
        }
    }
}

impl<'f> Iterator for Tokens<'f> {
    type Item = Token<'f>;

    fn next(&mut self) -> Option<Token<'f>> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            return Some(match byte {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => continue,
                _ => Token::Byte(byte),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_cut_into_its_pieces() {
        let found: Vec<Token<'_>> = Tokens::new(b"{\\b1 a\\'82\\*\\par\\{\\bin3 }}}}").collect();
        assert_eq!(
            found,
            [
                Token::Open,
                Token::Word("b", Some(1)),
                Token::Byte(b'a'),
                Token::Byte(0x82),
                Token::Sign(b'*'),
                Token::Word("par", None),
                Token::Byte(b'{'),
                Token::Data(b"}}}"),
                Token::Close,
            ]
        );
    }
}
