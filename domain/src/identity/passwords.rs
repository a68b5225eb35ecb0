//! Passwords: length and block list, nothing else (IK-3.5.2b, A2).
//!
//! A password may be of any characters. What counts is what is left after everything an attacker
//! tries first is taken out: common words, words about the person and the city, runs of the
//! alphabet and the keyboard, repetitions.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Whose password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordKind {
    /// A citizen without second factor.
    Citizen,
    /// A member of staff.
    Staff,
}

impl PasswordKind {
    /// Fewest characters as people count them.
    #[must_use]
    pub const fn min(self) -> usize {
        match self {
            Self::Citizen => 15,
            Self::Staff => 12,
        }
    }
}

/// Most characters: enough for any sentence, few enough to hash.
pub const MAX_PASSWORD: usize = 200;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// Fewer than `min` characters.
    TooShort {
        /// Needed.
        min: usize,
    },
    /// More than `max` characters.
    TooLong {
        /// Allowed.
        max: usize,
    },
    /// Too easy to guess.
    Common,
}

/// The form that is hashed: NFKC, so that a password typed in full width or decomposed is the same.
#[must_use]
pub fn canonical_password(password: &str) -> String {
    password.nfkc().collect()
}

/// Whether a new password is taken. `context` are words about the person and the place: parts of
/// the e-mail address, the name, the city, the service.
/// # Errors
/// The first [`PasswordFault`].
pub fn check_password(
    password: &str,
    kind: PasswordKind,
    context: &[&str],
) -> Result<(), PasswordFault> {
    if password.len() > MAX_PASSWORD * 16 {
        return Err(PasswordFault::TooLong { max: MAX_PASSWORD });
    }
    let canonical = canonical_password(password);
    let count = canonical.graphemes(true).count();
    if count < kind.min() {
        return Err(PasswordFault::TooShort { min: kind.min() });
    }
    if count > MAX_PASSWORD {
        return Err(PasswordFault::TooLong { max: MAX_PASSWORD });
    }
    let plain = canonical.to_lowercase();
    let weak = [unleet(&plain), plain].iter().any(|text| weight(text, context) < ENOUGH);
    if weak { Err(PasswordFault::Common) } else { Ok(()) }
}

/// Halves of a character that must be left: six letters, or twelve digits.
const ENOUGH: usize = 12;

/// What is left of a password, in halves of a character; a digit counts one, all else two.
fn weight(text: &str, context: &[&str]) -> usize {
    let mut rest = unit(text).to_owned();
    let common = include_str!("common_words.txt").lines().map(str::to_owned);
    let own = context.iter().map(|word| canonical_password(word).to_lowercase());
    let mut words: Vec<String> = common.chain(own).filter(|w| w.chars().count() >= 3).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        rest = rest.replace(&word, " ");
    }
    let rest = without_runs(&rest);
    let kinds: BTreeSet<char> = rest.chars().collect();
    if kinds.len() < 4 {
        return 0;
    }
    rest.chars().map(|c| if c.is_numeric() { 1 } else { 2 }).sum()
}

/// The shortest text the password is a repetition of.
fn unit(text: &str) -> &str {
    (1..=text.len() / 2)
        .filter(|n| text.len().is_multiple_of(*n) && text.is_char_boundary(*n))
        .map(|n| &text[..n])
        .find(|unit| text.len() == unit.len() * text.matches(*unit).count())
        .unwrap_or(text)
}

/// Rows of the keyboard; the alphabet and the digits are found by their code points.
const ROWS: [&str; 4] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890"];

/// Without runs of four and more neighbours (abcd, 9876, qwer) or of the same character, and
/// without spaces.
fn without_runs(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::new();
    let mut at = 0;
    while at < chars.len() {
        let run = [same, next, previous, beside]
            .into_iter()
            .map(|follows: fn(char, char) -> bool| {
                1 + chars[at..].windows(2).take_while(|w| follows(w[0], w[1])).count()
            })
            .max()
            .unwrap_or(1);
        if run >= 4 {
            at += run;
        } else {
            if chars[at] != ' ' {
                kept.push(chars[at]);
            }
            at += 1;
        }
    }
    kept
}

fn same(a: char, b: char) -> bool {
    a == b
}

fn next(a: char, b: char) -> bool {
    a as u32 + 1 == b as u32
}

fn previous(a: char, b: char) -> bool {
    next(b, a)
}

fn beside(a: char, b: char) -> bool {
    ROWS.iter().any(|row| match (row.find(a), row.find(b)) {
        (Some(a), Some(b)) => a.abs_diff(b) == 1,
        _ => false,
    })
}

/// Digits and signs as the letters they imitate: p4ssw0rd.
fn unleet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordFault> {
        check_password(password, PasswordKind::Citizen, &["hanako", "みらい市", "example"])
    }

    /// IK-3.5.2b, A2: the length counts characters, of any script.
    #[test]
    fn a_password_needs_its_length_in_characters() {
        assert_eq!(check("14-characters-"), Err(PasswordFault::TooShort { min: 15 }));
        assert_eq!(check("correct horse battery staple"), Ok(()));
        assert_eq!(check("川の流れに石をひとつ投げて帰る"), Ok(()));
        assert_eq!(
            check(&"川の流れに石を投げ".repeat(30)),
            Err(PasswordFault::TooLong { max: 200 })
        );
        assert_eq!(check(&"あ".repeat(10_000)), Err(PasswordFault::TooLong { max: 200 }));
        let twelve = "kabocha-9-nz";
        assert_eq!(check_password(twelve, PasswordKind::Staff, &[]), Ok(()));
        assert_eq!(check(twelve), Err(PasswordFault::TooShort { min: 15 }));
    }

    /// A2: what is tried first is refused.
    #[test]
    fn what_is_tried_first_is_refused() {
        for bad in [
            "passwordpassword",
            "PASSWORD20261120",
            "p4ssw0rdp4ssw0rd",
            "aaaaaaaaaaaaaaaa",
            "abababababababab",
            "123456789012345678",
            "qwertyuiopasdfghjkl",
            "abcdefghijklmnop",
            "hanakohanako1234",
            "みらい市みらい市みらい市みらい市",
            "ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ",
            "iloveyou-letmein",
            "令和8年令和8年令和8年令和8年",
        ] {
            assert_eq!(check(bad), Err(PasswordFault::Common), "{bad}");
        }
    }

    #[test]
    fn width_and_composition_do_not_change_a_password() {
        assert_eq!(canonical_password("ｶﾞｷＡＢ１"), canonical_password("ガキAB1"));
        assert_eq!(canonical_password("か\u{3099}"), "が");
    }
}
