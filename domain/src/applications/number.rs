//! Receipt numbers: `2026-000123-4` = 年度, serial of at least six digits, check digit.
//!
//! The check digit (Damm) finds every single wrong digit and every swap of two neighbours, so a
//! number read over the telephone is known to be wrong before anybody searches for it.
//!
//! Two zones give numbers and never ask each other: the citizens' zone counts from 1, the staff
//! zone, for what staff enter, from 900,000,001. A city has some million applications a year, so
//! the ranges do not meet (`docs/decisions/0072`). Trials are counted from 800,000,001, so they leave no
//! gap among the others (`docs/decisions/0113`).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Number of an accepted application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptNumber {
    fiscal_year: u16,
    serial: u64,
}

/// A text that is no receipt number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadNumber {
    /// Not of the shape at all.
    #[error("a receipt number looks like 2026-000123-4")]
    Shape,
    /// The check digit does not fit: a digit is wrong or two are swapped.
    #[error("the check digit does not fit")]
    CheckDigit,
}

/// Largest serial: twelve digits.
const MAX_SERIAL: u64 = 999_999_999_999;
/// Serials behind this one belong to trials.
const ON_TRIAL: u64 = 800_000_000;
/// As many of those come before what staff enter.
const MOST_ON_TRIAL: u64 = 99_999_999;
/// Of those, the ones behind so many are given by the staff zone, to trials of procedures for staff.
const INSIDE: u64 = 50_000_000;
/// Serials behind this one belong to what staff enter (IK-2.1.2a3).
const AT_DESK: u64 = 900_000_000;
/// As many of those fit into nine digits.
const MOST_AT_DESK: u64 = 99_999_999;

impl ReceiptNumber {
    /// The number of a serial in a fiscal year; `None` outside 2000–2999 or 1–999,999,999,999.
    #[must_use]
    pub fn new(fiscal_year: i16, serial: u64) -> Option<Self> {
        let fiscal_year = u16::try_from(fiscal_year).ok()?;
        let fits = (2000..=2999).contains(&fiscal_year) && (1..=MAX_SERIAL).contains(&serial);
        fits.then_some(Self { fiscal_year, serial })
    }

    /// The number of the `n`-th application that staff enter in a fiscal year; `None` outside
    /// 2000–2999 or 1–99,999,999.
    #[must_use]
    pub fn at_desk(fiscal_year: i16, n: u64) -> Option<Self> {
        let fits = (1..=MOST_AT_DESK).contains(&n);
        Self::new(fiscal_year, AT_DESK + n).filter(|_| fits)
    }

    /// The number of the `n`-th application to a trial in a fiscal year; `None` outside 2000–2999 or
    /// 1–99,999,999.
    #[must_use]
    pub fn on_trial(fiscal_year: i16, n: u64) -> Option<Self> {
        let fits = (1..=MOST_ON_TRIAL).contains(&n);
        Self::new(fiscal_year, ON_TRIAL + n).filter(|_| fits)
    }

    /// The same for a trial of a procedure for staff, whose numbers the staff zone gives; `None` outside
    /// 2000–2999 or 1–49,999,999.
    #[must_use]
    pub fn on_trial_inside(fiscal_year: i16, n: u64) -> Option<Self> {
        Self::on_trial(fiscal_year, INSIDE.checked_add(n)?).filter(|_| n > 0)
    }

    /// Whether it was given to an application to a trial.
    #[must_use]
    pub const fn is_on_trial(self) -> bool {
        self.serial > ON_TRIAL && self.serial <= ON_TRIAL + MOST_ON_TRIAL
    }

    /// 年度.
    #[must_use]
    pub const fn fiscal_year(self) -> u16 {
        self.fiscal_year
    }

    /// Serial within the 年度.
    #[must_use]
    pub const fn serial(self) -> u64 {
        self.serial
    }

    fn check_digit(self) -> u8 {
        damm(format!("{}{:06}", self.fiscal_year, self.serial).bytes().map(|b| b - b'0'))
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}-{}", self.fiscal_year, self.serial, self.check_digit())
    }
}

impl FromStr for ReceiptNumber {
    type Err = BadNumber;

    /// Reads a number as people type it: full-width digits, any hyphen, spaces, or no hyphens.
    fn from_str(text: &str) -> Result<Self, BadNumber> {
        let digits = typed_digits(text)?;
        let (year, rest) = digits.split_at_checked(4).ok_or(BadNumber::Shape)?;
        let (check, serial) = rest.split_last().ok_or(BadNumber::Shape)?;
        let shape = serial.len() == 6 || (serial.len() > 6 && serial.len() <= 12 && serial[0] != 0);
        if !shape {
            return Err(BadNumber::Shape);
        }
        let value = |digits: &[u8]| digits.iter().fold(0u64, |n, d| n * 10 + u64::from(*d));
        let year = i16::try_from(value(year)).map_err(|_| BadNumber::Shape)?;
        let number = Self::new(year, value(serial)).ok_or(BadNumber::Shape)?;
        if number.check_digit() == *check { Ok(number) } else { Err(BadNumber::CheckDigit) }
    }
}

fn typed_digits(text: &str) -> Result<Vec<u8>, BadNumber> {
    if text.len() > 200 {
        return Err(BadNumber::Shape);
    }
    let mut digits = Vec::with_capacity(17);
    for c in text.chars() {
        match crate::text::narrow_char(c) {
            d @ '0'..='9' => digits.push(d as u8 - b'0'),
            c if crate::text::is_hyphen(c) || c.is_whitespace() => {}
            _ => return Err(BadNumber::Shape),
        }
    }
    Ok(digits)
}

/// H. Michael Damm's quasigroup of order 10.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn damm(digits: impl Iterator<Item = u8>) -> u8 {
    digits.fold(0, |row, digit| DAMM[usize::from(row)][usize::from(digit)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(serial: u64) -> ReceiptNumber {
        ReceiptNumber::new(2026, serial).unwrap()
    }

    #[test]
    fn the_check_digit_follows_the_published_example() {
        assert_eq!(damm([5, 7, 2].into_iter()), 4);
    }

    /// NF-31: a number is read however it is typed.
    #[test]
    fn a_number_is_read_however_it_is_typed() {
        let written = number(123).to_string();
        assert!(written.starts_with("2026-000123-"));
        let wide: String = written
            .chars()
            .map(|c| if c == '-' { 'ー' } else { char::from_u32(c as u32 + 0xFEE0).unwrap() })
            .collect();
        for typed in [
            written.clone(),
            wide,
            written.replace('-', ""),
            format!(" {} ", written.replace('-', " ")),
        ] {
            assert_eq!(typed.parse(), Ok(number(123)), "{typed}");
        }
    }

    #[test]
    fn every_wrong_digit_and_every_swap_is_found() {
        let written = number(1_234_567).to_string();
        let digits: Vec<char> = written.chars().collect();
        for at in (0..digits.len()).filter(|at| digits[*at].is_ascii_digit()) {
            for other in ('0'..='9').filter(|d| *d != digits[at]) {
                let mut wrong = digits.clone();
                wrong[at] = other;
                assert!(wrong.iter().collect::<String>().parse::<ReceiptNumber>().is_err());
            }
            if at + 1 < digits.len()
                && digits[at + 1].is_ascii_digit()
                && digits[at] != digits[at + 1]
            {
                let mut swapped = digits.clone();
                swapped.swap(at, at + 1);
                assert!(swapped.iter().collect::<String>().parse::<ReceiptNumber>().is_err());
            }
        }
    }

    /// IK-2.1.2a3: numbers of the desk read like any other, and are far from those of citizens.
    #[test]
    fn numbers_of_the_desk_are_a_range_of_their_own() {
        let first = ReceiptNumber::at_desk(2026, 1).unwrap();
        assert!(first.to_string().starts_with("2026-900000001-"));
        assert_eq!(first.to_string().parse(), Ok(first));
        assert_eq!(ReceiptNumber::at_desk(2026, 0), None);
        assert_eq!(ReceiptNumber::at_desk(2026, 100_000_000), None);
    }

    /// NB-2.5: numbers of trials are a range of their own, below those of the desk.
    #[test]
    fn numbers_of_trials_are_a_range_of_their_own() {
        let serial = |n| ReceiptNumber::on_trial(2026, n).map(ReceiptNumber::serial);
        assert_eq!(serial(1), Some(800_000_001));
        assert_eq!(serial(99_999_999), Some(899_999_999));
        assert_eq!((serial(0), serial(100_000_000)), (None, None));
        let inside = |n| ReceiptNumber::on_trial_inside(2026, n).map(ReceiptNumber::serial);
        assert_eq!((inside(1), inside(49_999_999)), (Some(850_000_001), Some(899_999_999)));
        assert_eq!((inside(0), inside(50_000_000), inside(u64::MAX)), (None, None, None));
        let tried = ReceiptNumber::on_trial(2026, 7).unwrap();
        assert!(tried.is_on_trial());
        assert!(ReceiptNumber::on_trial_inside(2026, 7).unwrap().is_on_trial());
        let others = [ReceiptNumber::new(2026, 7), ReceiptNumber::at_desk(2026, 7)];
        assert!(others.into_iter().flatten().all(|one| !one.is_on_trial()));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in
            ["", "2026", "2026-123-4", "abcd-000123-4", "2026-0000000123-4", &"1".repeat(500)]
        {
            assert!(bad.parse::<ReceiptNumber>().is_err(), "{bad}");
        }
        assert_eq!(ReceiptNumber::new(2026, 0), None);
        assert_eq!(ReceiptNumber::new(-5, 1), None);
    }
}
