//! How values are written on staff pages.

use domain::spreadsheet::TableFault;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::site::TEXTS;

/// Japan has one offset and no summer time.
fn japan() -> TimeZone {
    TimeZone::fixed(Offset::constant(9))
}

/// The clock on the wall in Japan.
#[must_use]
pub fn in_japan(at: Timestamp) -> Zoned {
    at.to_zoned(japan())
}

/// `2026-11-21 10:41` in Japan.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    in_japan(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `2026-11-21 10:41:05` in Japan.
#[must_use]
pub fn second(at: Timestamp) -> String {
    in_japan(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Stored microseconds as `2026-11-21 10:41`.
#[must_use]
pub fn stored(micros: i64) -> String {
    minute(platform_store::time::from_micros(micros))
}

/// The day in Japan.
#[must_use]
pub fn day(at: Timestamp) -> Date {
    in_japan(at).date()
}

/// Midnight in Japan at the start of a day.
#[must_use]
pub fn midnight(day: Date) -> Option<Timestamp> {
    day.to_zoned(japan()).ok().map(|start| start.timestamp())
}

/// The moment at which clocks in Japan show this.
#[must_use]
pub fn from_wall(wall: DateTime) -> Option<Timestamp> {
    wall.to_zoned(japan()).ok().map(|at| at.timestamp())
}

/// Whole calendar days between two moments as seen in Japan.
#[must_use]
pub fn days_between(from: Timestamp, to: Timestamp) -> i32 {
    day(from).until(day(to)).map_or(0, |span| span.get_days().max(0))
}

/// `1.2 MB`, with the units people know.
#[must_use]
pub fn bytes(size: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let size = size as f64;
    if size < 1_000.0 {
        format!("{size} B")
    } else if size < 1_000_000.0 {
        format!("{:.1} KB", size / 1_000.0)
    } else {
        format!("{:.1} MB", size / 1_000_000.0)
    }
}

/// `1,234,567`.
#[must_use]
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What is wrong with a line of a table, in the words of its code.
#[must_use]
pub fn at_line<C>(key: &'static str, fault: &TableFault<C>) -> String {
    TEXTS.fill(key, &[("line", &fault.line), ("detail", &fault.detail)])
}

/// A text as part of a query: everything but letters, digits, `-` and `_` escaped.
#[must_use]
pub fn in_query(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_japan() {
        let at: Timestamp = "2026-11-20T15:00:00Z".parse().expect("a time");
        assert_eq!(minute(at), "2026-11-21 00:00");
        assert_eq!(midnight(day(at)), Some(at));
    }

    #[test]
    fn days_are_counted_on_the_calendar() {
        let evening: Timestamp = "2026-11-20T14:59:00Z".parse().expect("a time");
        let night: Timestamp = "2026-11-20T15:01:00Z".parse().expect("a time");
        assert_eq!(days_between(evening, night), 1);
        assert_eq!(days_between(night, evening), 0);
    }

    #[test]
    fn numbers_have_commas_and_queries_are_escaped() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(-12), "-12");
        assert_eq!(in_query("山 &"), "%E5%B1%B1%20%26");
    }
}
