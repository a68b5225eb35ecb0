//! What people read to each other or copy by hand: fingerprints in digits, and
//! codes that notice a mistake. `docs/wire/spoken.md` draws both.

use crate::digest::Digest;

/// Groups and digits of a fingerprint: 106 bits, read aloud in half a minute.
const GROUPS: usize = 8;
const DIGITS: usize = 4;
/// No `I`, `L`, `O`, `U`: nothing that reads like something else.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code between two dashes.
const GROUP: usize = 5;
/// Bytes of the checksum at the end of a code.
const CHECK: usize = 3;

/// A digest as eight groups of four digits. Two people who read the same groups
/// have the same thing before them.
#[must_use]
pub fn fingerprint(digest: &Digest) -> String {
    // The remainder of a 256-bit number, so that every digit is as good as any other.
    let mut number = digest.0;
    let mut groups = Vec::new();
    for _ in 0..GROUPS {
        groups.push(format!("{:0width$}", divide(&mut number, 10_u32.pow(4)), width = DIGITS));
    }
    groups.join("-")
}

/// Divides a big-endian number in place; gives the remainder.
fn divide(number: &mut [u8; 32], by: u32) -> u32 {
    let mut rest = 0;
    for byte in number {
        let value = rest << 8 | u32::from(*byte);
        // The rest is below the divisor, so the quotient fits a byte.
        *byte = u8::try_from(value / by).unwrap_or(u8::MAX);
        rest = value % by;
    }
    rest
}

/// Why a code is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    /// A character that no code has.
    #[error("the code has a character that no code has: {0}")]
    Character(char),
    /// Too short, too long, or a mistake in it.
    #[error("the code has a mistake: a character is wrong, missing or too many")]
    Mistake,
}

/// Bytes as groups of letters and digits with a checksum. `what` is not written: a
/// code read as something else has a mistake.
#[must_use]
pub fn code(what: &[u8], bytes: &[u8]) -> String {
    let mut all = bytes.to_vec();
    all.extend_from_slice(&check(what, bytes));
    let mut letters = String::new();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in all {
        (held, bits) = (held << 8 | u32::from(byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            letters.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        letters.push(letter(held << (5 - bits)));
    }
    let groups: Vec<&[u8]> = letters.as_bytes().chunks(GROUP).collect();
    groups.join(b"-".as_slice()).into_iter().map(char::from).collect()
}

/// The bytes behind a code. Small letters, spaces and missing dashes do not matter,
/// and `O`, `I`, `L` are read as what they look like.
///
/// # Errors
/// [`BadCode`] says what is wrong with it.
pub fn read_code(what: &[u8], text: &str) -> Result<Vec<u8>, BadCode> {
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for character in text.chars().filter(|one| !one.is_whitespace() && *one != '-') {
        let value = value(character).ok_or(BadCode::Character(character))?;
        (held, bits) = (held << 5 | value, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).unwrap_or(u8::MAX));
            held &= (1 << bits) - 1;
        }
    }
    let (content, sum) = bytes.split_last_chunk::<CHECK>().ok_or(BadCode::Mistake)?;
    // Bits left over must be zeros, and fewer than a character.
    if held != 0 || bits >= 5 || *sum != check(what, content) {
        return Err(BadCode::Mistake);
    }
    Ok(content.to_vec())
}

fn letter(value: u32) -> char {
    char::from(LETTERS[(value & 31) as usize])
}

fn value(character: char) -> Option<u32> {
    let plain = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = LETTERS.iter().position(|letter| char::from(*letter) == plain)?;
    u32::try_from(place).ok()
}

fn check(what: &[u8], bytes: &[u8]) -> [u8; CHECK] {
    let tag = [b"madoguchi/code/v1\0".as_slice(), what, b"\0"].concat();
    let digest = Digest::tagged(&tag, bytes).0;
    [digest[0], digest[1], digest[2]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// NN-18: what two people compare is short, and different for different things.
    #[test]
    fn a_fingerprint_is_eight_groups_of_four_digits() {
        let mut small = [0; 32];
        small[30..].copy_from_slice(&12_345_u16.to_be_bytes());
        let read = fingerprint(&Digest(small));
        assert_eq!(read, "2345-0001-0000-0000-0000-0000-0000-0000");
        let (one, two) = (fingerprint(&Digest::of(b"one")), fingerprint(&Digest::of(b"two")));
        assert_ne!(one, two);
        assert_eq!(one.len(), 39);
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let written = code(b"test", &[1, 2, 3, 255, 0]);
        let careless = format!(" {} ", written.to_lowercase().replace('-', " "));
        assert_eq!(read_code(b"test", &careless), Ok(vec![1, 2, 3, 255, 0]));
        let looks = written.replace('0', "o").replace('1', "l");
        assert_eq!(read_code(b"test", &looks), Ok(vec![1, 2, 3, 255, 0]));
        assert_eq!(read_code(b"other", &written), Err(BadCode::Mistake));
        assert_eq!(read_code(b"test", "U"), Err(BadCode::Character('U')));
        assert_eq!(read_code(b"test", ""), Err(BadCode::Mistake));
    }

    proptest! {
        /// NF-32: a code reads back, and one wrong, missing or swapped character is noticed.
        #[test]
        fn a_code_notices_a_mistake(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
            place: prop::sample::Index,
            other in 0_usize..32,
        ) {
            let written = code(b"test", &bytes);
            prop_assert_eq!(read_code(b"test", &written), Ok(bytes.clone()));
            let mut letters: Vec<char> = written.chars().filter(|one| *one != '-').collect();
            let at = place.index(letters.len());
            let wrong = char::from(LETTERS[other]);
            if letters[at] != wrong {
                letters[at] = wrong;
                let read = read_code(b"test", &letters.iter().collect::<String>());
                prop_assert_eq!(read, Err(BadCode::Mistake));
            }
            letters.remove(at);
            prop_assert!(read_code(b"test", &letters.iter().collect::<String>()).is_err());
        }

        #[test]
        fn hostile_codes_never_panic(text: String) {
            if let Ok(bytes) = read_code(b"test", &text) {
                prop_assert!(bytes.len() < text.len());
            }
        }
    }
}
