//! Dates, times and sizes as people read them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use platform_web::Catalogue;

use crate::texts::TEXTS;

/// 2026年6月1日（月）, in the reader's language.
pub(crate) fn date(day: Date) -> String {
    date_in(&TEXTS, day)
}

/// The same in a language.
pub(crate) fn date_in(texts: &Catalogue, date: Date) -> String {
    let weekday = match date.weekday() {
        jiff::civil::Weekday::Monday => "home.weekday.mon",
        jiff::civil::Weekday::Tuesday => "home.weekday.tue",
        jiff::civil::Weekday::Wednesday => "home.weekday.wed",
        jiff::civil::Weekday::Thursday => "home.weekday.thu",
        jiff::civil::Weekday::Friday => "home.weekday.fri",
        jiff::civil::Weekday::Saturday => "home.weekday.sat",
        jiff::civil::Weekday::Sunday => "home.weekday.sun",
    };
    let month = format!("home.month.{}", date.month());
    texts.fill(
        "home.date",
        &[
            ("year", &date.year()),
            ("month", &texts.text(&month)),
            ("day", &date.day()),
            ("weekday", &texts.text(weekday)),
        ],
    )
}

/// 2026年6月1日（月）9時05分, in Japan, in the reader's language.
pub(crate) fn time(at: Timestamp) -> String {
    time_in(&TEXTS, at)
}

/// The same in a language.
pub(crate) fn time_in(texts: &Catalogue, at: Timestamp) -> String {
    let local = at.to_zoned(TimeZone::fixed(Offset::constant(9)));
    let (date, minute) = (date_in(texts, local.date()), format!("{:02}", local.minute()));
    texts.fill("home.time", &[("date", &date), ("hour", &local.hour()), ("minute", &minute)])
}

/// The same with seconds, for the receipt: the time of arrival is a legal fact.
pub(crate) fn exact_time(at: Timestamp) -> String {
    let local = at.to_zoned(TimeZone::fixed(Offset::constant(9)));
    let (minute, second) = (format!("{:02}", local.minute()), format!("{:02}", local.second()));
    TEXTS.fill(
        "home.exact_time",
        &[
            ("date", &date(local.date())),
            ("hour", &local.hour()),
            ("minute", &minute),
            ("second", &second),
        ],
    )
}

/// 9時05分 of a stored time, in Japan.
pub(crate) fn clock(at: i64) -> String {
    let local =
        platform_store::time::from_micros(at).to_zoned(TimeZone::fixed(Offset::constant(9)));
    let minute = format!("{:02}", local.minute());
    TEXTS.fill("home.clock", &[("hour", &local.hour()), ("minute", &minute)])
}

/// A stored time: of today the hour alone, else with its day.
pub(crate) fn moment(at: i64, today: Date) -> String {
    if day(at) == today { clock(at) } else { micros(at) }
}

/// The day of a stored time, in Japan.
pub(crate) fn day(at: i64) -> Date {
    platform_store::time::from_micros(at).to_zoned(TimeZone::fixed(Offset::constant(9))).date()
}

/// A stored time in words.
pub(crate) fn micros(at: i64) -> String {
    time(platform_store::time::from_micros(at))
}

/// 1.2MB, 340KB, in units of a thousand.
pub(crate) fn size(bytes: u64) -> String {
    if bytes >= 1_000_000 {
        let tenths = bytes.div_ceil(100_000);
        return format!("{}.{}MB", tenths / 10, tenths % 10);
    }
    format!("{}KB", bytes.div_ceil(1000).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-60: a time of another day is never told without its day.
    #[test]
    fn a_time_of_another_day_is_told_with_its_day() {
        let at = 1_780_275_909_000_000;
        let today = day(at);
        assert_eq!(moment(at, today), "10時05分");
        assert_eq!(moment(at, today.tomorrow().expect("a day")), "2026年6月1日（月）10時05分");
    }

    #[test]
    fn times_are_shown_as_in_japan() {
        let at: Timestamp = "2026-06-01T00:05:09Z".parse().expect("a time");
        let english = time_in(crate::texts::plain(domain::forms::definition::Lang::En), at);
        assert_eq!(english, "June 1, 2026 (Mon), 9:05");
        assert_eq!(time(at), "2026年6月1日（月）9時05分");
        assert_eq!(exact_time(at), "2026年6月1日（月）9時05分09秒");
        assert_eq!(
            (size(1), size(340_000), size(1_150_000)),
            ("1KB".into(), "340KB".into(), "1.2MB".into())
        );
    }
}
