//! Writes operators and operands of content.

/// Content being written.
#[derive(Default)]
pub(super) struct Ink {
    bytes: Vec<u8>,
}

impl Ink {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// An operator with numbers before it.
    pub(super) fn op(&mut self, numbers: &[f32], operator: &str) {
        for number in numbers {
            self.number(*number);
            self.bytes.push(b' ');
        }
        self.word(operator);
    }

    /// An operator with a name before it, made of a letter and a number.
    pub(super) fn op_name(&mut self, letter: char, number: u32, operator: &str) {
        self.name(letter, number);
        self.bytes.push(b' ');
        self.word(operator);
    }

    pub(super) fn name(&mut self, letter: char, number: u32) {
        self.bytes.extend_from_slice(format!("/{letter}{number}").as_bytes());
    }

    /// Anything fixed, and the end of a line.
    pub(super) fn word(&mut self, word: &str) {
        self.bytes.extend_from_slice(word.as_bytes());
        self.bytes.push(b'\n');
    }

    /// Anything fixed.
    pub(super) fn part(&mut self, part: &str) {
        self.bytes.extend_from_slice(part.as_bytes());
    }

    /// The shortest digits that read back as the same number.
    pub(super) fn number(&mut self, number: f32) {
        let text = if number.is_finite() && number.abs() >= 1.0e-6 {
            format!("{number}")
        } else {
            "0".to_owned()
        };
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A string in parentheses.
    pub(super) fn string(&mut self, data: &[u8]) {
        self.bytes.push(b'(');
        for byte in data {
            match byte {
                b'(' | b')' | b'\\' => self.bytes.extend([b'\\', *byte]),
                b'\r' => self.bytes.extend(b"\\r"),
                _ => self.bytes.push(*byte),
            }
        }
        self.bytes.push(b')');
    }

    /// UTF-16 in angle brackets.
    pub(super) fn utf16(&mut self, text: &str) {
        self.part("<FEFF");
        for unit in text.encode_utf16() {
            self.part(&format!("{unit:04X}"));
        }
        self.part(">");
    }
}

#[cfg(test)]
mod tests {
    use super::Ink;

    #[test]
    fn numbers_are_short_and_never_exponents() {
        let mut ink = Ink::default();
        ink.op(&[1.0, 0.5, -0.000_012, 1.0e-9, f32::NAN, 123_456_792.0], "x");
        assert_eq!(ink.into_bytes(), b"1 0.5 -0.000012 0 0 123456790 x\n");
    }

    #[test]
    fn strings_cannot_end_early() {
        let mut ink = Ink::default();
        ink.string(b"a)\\(\r");
        assert_eq!(ink.into_bytes(), b"(a\\)\\\\\\(\\r)");
    }
}
