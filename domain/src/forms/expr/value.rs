//! Types, values and exact decimals.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// Type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// True or false; a consent.
    Bool,
    /// Text; a single choice is its code.
    Text,
    /// A number.
    Number,
    /// A day.
    Date,
    /// Several codes or files.
    List,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::List => "list",
        })
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing to compare with.
    Absent,
    /// True or false.
    Bool(bool),
    /// Text.
    Text(Cow<'a, str>),
    /// A number.
    Number(Decimal),
    /// A day.
    Date(Date),
    /// A number of which only the smallest and the largest it may be are known.
    Numbers(Decimal, Decimal),
    /// A day of which only the first and the last it may be are known.
    Days(Date, Date),
    /// Codes or attachment ids.
    List(&'a [String]),
}

impl Value<'_> {
    /// A number between these two.
    pub(super) fn of_numbers((low, high): (Decimal, Decimal)) -> Self {
        if low == high { Self::Number(low) } else { Self::Numbers(low, high) }
    }

    /// A day between these two.
    pub(super) fn of_days((first, last): (Date, Date)) -> Self {
        if first == last { Self::Date(first) } else { Self::Days(first, last) }
    }

    /// The smallest and the largest number it may be.
    pub(in crate::forms) fn numbers(&self) -> Option<(Decimal, Decimal)> {
        match self {
            Self::Number(n) => Some((*n, *n)),
            Self::Numbers(low, high) => Some((*low, *high)),
            Self::Absent
            | Self::Bool(_)
            | Self::Text(_)
            | Self::Date(_)
            | Self::Days(..)
            | Self::List(_) => None,
        }
    }

    /// The first and the last day it may be.
    pub(in crate::forms) fn days(&self) -> Option<(Date, Date)> {
        match self {
            Self::Date(day) => Some((*day, *day)),
            Self::Days(first, last) => Some((*first, *last)),
            Self::Absent
            | Self::Bool(_)
            | Self::Text(_)
            | Self::Number(_)
            | Self::Numbers(..)
            | Self::List(_) => None,
        }
    }
}

/// An exact decimal with up to six digits behind the point and fifteen before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

const MICRO: i128 = 1_000_000;
const LIMIT: i128 = 1_000_000_000_000_000 * MICRO;

impl Decimal {
    /// A whole number; `None` beyond fifteen digits.
    #[must_use]
    pub fn whole(n: i64) -> Option<Self> {
        Self::within(i128::from(n) * MICRO)
    }

    fn within(micro: i128) -> Option<Self> {
        (micro.abs() < LIMIT).then_some(Self(micro))
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        Self::within(self.0 + other.0)
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        Self::within(self.0 - other.0)
    }

    /// The product, rounded toward zero at the sixth digit.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        Self::within(self.0.checked_mul(other.0)? / MICRO)
    }

    /// The largest multiple of `unit` that is not above it.
    pub(super) fn floor(self, unit: Self) -> Option<Self> {
        (unit.0 > 0).then(|| Self(self.0.div_euclid(unit.0) * unit.0)).filter(|n| n.0.abs() < LIMIT)
    }

    /// The smallest whole number that is not below it.
    pub(crate) fn rounded_up(self) -> Option<i64> {
        i64::try_from(-(-self.0).div_euclid(MICRO)).ok()
    }

    /// The whole number; `None` when there is something behind the point.
    pub(crate) fn as_whole(self) -> Option<i64> {
        if self.0 % MICRO == 0 { i64::try_from(self.0 / MICRO).ok() } else { None }
    }

    /// Digits behind the point.
    #[must_use]
    pub fn decimals(self) -> u8 {
        let mut rest = self.0 % MICRO;
        let mut digits = 6;
        while digits > 0 && rest % 10 == 0 {
            rest /= 10;
            digits -= 1;
        }
        digits
    }
}

impl From<u32> for Decimal {
    fn from(n: u32) -> Self {
        Self(i128::from(n) * MICRO)
    }
}

/// `1234.5`: no commas, no zeros at the end, no sign on zero.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", self.0.abs() / MICRO)?;
        match self.decimals() {
            0 => Ok(()),
            digits => {
                let all = format!("{:06}", self.0.abs() % MICRO);
                write!(f, ".{}", &all[..usize::from(digits)])
            }
        }
    }
}

/// A text that is not a decimal of this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadDecimal;

impl FromStr for Decimal {
    type Err = BadDecimal;

    fn from_str(text: &str) -> Result<Self, BadDecimal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let fraction = if fraction.len() > 6 { fraction.trim_end_matches('0') } else { fraction };
        if !plain(whole)
            || whole.len() > 40
            || fraction.len() > 6
            || !(plain(fraction) || fraction.is_empty())
        {
            return Err(BadDecimal);
        }
        if digits.ends_with('.') {
            return Err(BadDecimal);
        }
        let whole: i128 = whole
            .trim_start_matches('0')
            .parse()
            .or_else(|_| if whole.bytes().all(|b| b == b'0') { Ok(0) } else { Err(BadDecimal) })?;
        let micro: i128 = format!("{fraction:0<6}").parse().map_err(|_| BadDecimal)?;
        let value =
            whole.checked_mul(MICRO).and_then(|w| w.checked_add(micro)).ok_or(BadDecimal)?;
        Self::within(if negative { -value } else { value }).ok_or(BadDecimal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_decimal_is_exact_and_has_one_writing() {
        for (typed, written) in [
            ("1", "1"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("-0", "0"),
            ("-0.25", "-0.25"),
            ("+3", "3"),
            ("0.1000000", "0.1"),
        ] {
            assert_eq!(decimal(typed).to_string(), written);
        }
        assert_eq!(decimal("0.1").plus(decimal("0.2")), Some(decimal("0.3")));
        assert_eq!(decimal("1.5").times(decimal("3")), Some(decimal("4.5")));
        for bad in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1e3",
            "0.0000001",
            "1,000",
            "1 2",
            "９",
            "1000000000000000",
            &"9".repeat(60),
        ] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }

    #[test]
    fn beyond_the_range_there_is_no_number() {
        let most = decimal("999999999999999.999999");
        assert_eq!(most.plus(decimal("0.000001")), None);
        assert_eq!(most.times(most), None);
    }
}
