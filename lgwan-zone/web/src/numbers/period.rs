//! From which day to which.

use jiff::ToSpan as _;
use jiff::civil::Date;
use platform_web::FormData;

/// Days from `since` to `until`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) since: Date,
    pub(super) until: Date,
}

/// Days of the longest period: five years, as long as a contract runs.
const LONGEST: i32 = 5 * 366;

impl Period {
    /// The period that was asked for; the month so far when none was, or none that can be.
    pub(super) fn of(typed: &FormData, today: Date) -> Self {
        let day = |name| typed.text(name).parse::<Date>().ok();
        match (day("since"), day("until")) {
            (Some(since), Some(until)) if until < since => Self { since: until, until: since },
            (Some(since), Some(until)) => Self { since, until },
            (Some(since), None) if since <= today => Self { since, until: today },
            (_, _) => Self { since: today.first_of_month(), until: today },
        }
        .shortened()
    }

    fn shortened(self) -> Self {
        let earliest = self.until.saturating_sub(LONGEST.days());
        Self { since: self.since.max(earliest), ..self }
    }

    /// The month before, and the fiscal year so far.
    pub(super) fn last_month(today: Date) -> Self {
        let until = today.first_of_month().saturating_sub(1.day());
        Self { since: until.first_of_month(), until }
    }

    /// From April to today.
    pub(super) fn fiscal_year(today: Date) -> Self {
        let year = if today.month() < 4 { today.year() - 1 } else { today.year() };
        let since = jiff::civil::Date::new(year, 4, 1).unwrap_or(today);
        Self { since, until: today }
    }

    /// As part of an address.
    pub(super) fn query(self) -> String {
        format!("?since={}&until={}", self.since, self.until)
    }

    /// Whether it is shown by months instead of days.
    pub(super) fn is_long(self) -> bool {
        self.since.until(self.until).map_or(0, |span| span.get_days()) > 62
    }

    /// The columns of a chart, each with the beginning that the days of it share: `2026-11-20` or
    /// `2026-11`.
    pub(super) fn columns(self) -> Vec<String> {
        let mut columns = Vec::new();
        let mut day = self.since;
        while day <= self.until {
            let column = self.column(&day.to_string());
            if columns.last() != Some(&column) {
                columns.push(column);
            }
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        columns
    }

    /// The column a day belongs to.
    pub(super) fn column(self, day: &str) -> String {
        let length = if self.is_long() { 7 } else { 10 };
        day.chars().take(length).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn asked(query: &str, today: Date) -> Period {
        Period::of(&FormData::parse(query.as_bytes()).expect("a query"), today)
    }

    /// NF-25: any period can be asked for; without one it is the month so far.
    #[test]
    fn any_period_can_be_asked_for() {
        let today = date(2026, 11, 21);
        let month = Period { since: date(2026, 11, 1), until: today };
        assert_eq!(asked("", today), month);
        assert_eq!(asked("since=2026-13-01&until=x", today), month);
        let year = Period { since: date(2026, 1, 1), until: date(2026, 3, 31) };
        assert_eq!(asked("since=2026-01-01&until=2026-03-31", today), year);
        assert_eq!(asked("since=2026-03-31&until=2026-01-01", today), year);
        assert_eq!(asked("since=1900-01-01&until=2026-11-21", today).since, date(2021, 11, 17));
        assert_eq!(year.columns(), ["2026-01", "2026-02", "2026-03"]);
        assert_eq!(month.columns().len(), 21);
        assert_eq!(Period::last_month(today).query(), "?since=2026-10-01&until=2026-10-31");
        assert_eq!(Period::fiscal_year(date(2027, 3, 1)).since, date(2026, 4, 1));
    }
}
