//! From the clock to days in Japan, and fiscal years.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Japan has one offset and no summer time, so no time-zone data is needed.
const JAPAN: Offset = Offset::constant(9);

/// The wall clock in Japan.
#[must_use]
pub fn time_in_japan(at: Timestamp) -> DateTime {
    TimeZone::fixed(JAPAN).to_datetime(at)
}

/// The day in Japan.
#[must_use]
pub fn date_in_japan(at: Timestamp) -> Date {
    time_in_japan(at).date()
}

/// The midnight with which a day in Japan ends.
#[must_use]
pub fn end_of_day_in_japan(day: Date) -> Timestamp {
    let next =
        day.saturating_add(jiff::Span::new().days(1)).to_datetime(jiff::civil::Time::midnight());
    JAPAN.to_timestamp(next).unwrap_or(Timestamp::MAX)
}

/// `2026-11-20T09:05:00+09:00`, whole seconds.
#[must_use]
pub fn rfc3339_in_japan(at: Timestamp) -> String {
    let local = time_in_japan(at);
    format!("{}+09:00", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// 年度: 1 April to 31 March.
#[must_use]
pub fn fiscal_year(day: Date) -> i16 {
    if day.month() >= 4 { day.year() } else { day.year() - 1 }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_in_japan_begins_nine_hours_earlier() {
        let at: Timestamp = "2026-03-31T15:00:00Z".parse().unwrap();
        assert_eq!(date_in_japan(at), date(2026, 4, 1));
        assert_eq!(end_of_day_in_japan(date(2026, 3, 31)), at);
        assert_eq!(rfc3339_in_japan(at), "2026-04-01T00:00:00+09:00");
    }

    #[test]
    fn a_fiscal_year_begins_on_the_first_of_april() {
        assert_eq!(fiscal_year(date(2027, 3, 31)), 2026);
        assert_eq!(fiscal_year(date(2027, 4, 1)), 2027);
    }
}
