//! 祝日 by the law as it stands since 2016, and the days the office is open (開庁日).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use thiserror::Error;

/// Whether a day is a holiday: 国民の祝日, 振替休日 or 国民の休日. Holds from 2016 on.
#[must_use]
pub fn is_holiday(day: Date) -> bool {
    is_national(day) || is_substitute(day) || is_between(day)
}

/// A day named by the law.
fn is_national(day: Date) -> bool {
    let (year, month, dom) = (day.year(), day.month(), day.day());
    if let Some(moved) = moved(year, month, dom) {
        return moved;
    }
    let monday = |nth: i8| day.weekday() == Weekday::Monday && (dom - 1) / 7 + 1 == nth;
    match month {
        1 => dom == 1 || monday(2),
        2 => dom == 11 || (dom == 23 && year >= 2020),
        3 => dom == equinox(year, 20.8431),
        4 => dom == 29,
        5 => (3..=5).contains(&dom),
        7 => monday(3),
        8 => dom == 11,
        9 => monday(3) || dom == equinox(year, 23.2488),
        10 => monday(2),
        11 => dom == 3 || dom == 23,
        12 => dom == 23 && year <= 2018,
        _ => false,
    }
}

/// Years with a law of their own: the accession of 2019, the games of 2020 and 2021.
fn moved(year: i16, month: i8, day: i8) -> Option<bool> {
    match (year, month) {
        (2019, 5) => Some(matches!(day, 1 | 3..=5)),
        (2019, 10) => Some(matches!(day, 14 | 22)),
        (2020, 7) => Some(matches!(day, 23 | 24)),
        (2020, 8) => Some(day == 10),
        (2021, 7) => Some(matches!(day, 22 | 23)),
        (2021, 8) => Some(day == 8),
        (2020 | 2021, 10) => Some(false),
        _ => None,
    }
}

/// Day of the equinox in March (20.8431) or September (23.2488).
fn equinox(year: i16, base: f64) -> i8 {
    let years = f64::from(year - 1980);
    #[expect(clippy::cast_possible_truncation, reason = "a day of the month between 19 and 24")]
    let day = (base + 0.242_194 * years - (years / 4.0).floor()).floor() as i8;
    day
}

/// 振替休日: the first day after a 祝日 on a Sunday that is no 祝日 itself.
fn is_substitute(day: Date) -> bool {
    let mut before = day;
    while !is_national(day) {
        let Ok(earlier) = before.yesterday() else { return false };
        if !is_national(earlier) {
            return false;
        }
        if earlier.weekday() == Weekday::Sunday {
            return true;
        }
        before = earlier;
    }
    false
}

/// 国民の休日: a day between two 祝日.
fn is_between(day: Date) -> bool {
    let national = |other: Result<Date, _>| other.is_ok_and(is_national);
    !is_national(day) && national(day.yesterday()) && national(day.tomorrow())
}

/// When the office is open: not on weekends, holidays and 29 December to 3 January. A town may
/// open or close single days, and days of every year. Clones share the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficeDays {
    exceptions: Arc<BTreeMap<Date, bool>>,
    /// Month and day, every year; a single day is stronger.
    yearly: Arc<BTreeMap<(i8, i8), bool>>,
}

/// A text that names no day: neither `2026-12-28` nor `12-28`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no day: write 2026-12-28, or 12-28 for every year")]
pub struct BadDay(pub String);

impl OfficeDays {
    /// Office days with exceptions: `true` opens a day, `false` closes it.
    #[must_use]
    pub fn with(exceptions: impl IntoIterator<Item = (Date, bool)>) -> Self {
        Self { exceptions: Arc::new(exceptions.into_iter().collect()), yearly: Arc::default() }
    }

    /// Office days of a town that closes and opens these days: `2026-12-28` once, `12-28` every year.
    ///
    /// # Errors
    /// [`BadDay`] names the first text that is none.
    pub fn read(closed: &[String], open: &[String]) -> Result<Self, BadDay> {
        let (mut exceptions, mut yearly) = (BTreeMap::new(), BTreeMap::new());
        let closed = closed.iter().map(|day| (day, false));
        for (text, opens) in closed.chain(open.iter().map(|day| (day, true))) {
            // A leap year takes every month and day there is.
            if let Ok(day) = format!("2024-{text}").parse::<Date>() {
                yearly.insert((day.month(), day.day()), opens);
            } else if let Ok(day) = text.parse::<Date>() {
                exceptions.insert(day, opens);
            } else {
                return Err(BadDay(text.clone()));
            }
        }
        Ok(Self { exceptions: Arc::new(exceptions), yearly: Arc::new(yearly) })
    }

    /// Whether the office is open.
    #[must_use]
    pub fn is_open(&self, day: Date) -> bool {
        let yearly = || self.yearly.get(&(day.month(), day.day()));
        if let Some(open) = self.exceptions.get(&day).or_else(yearly) {
            return *open;
        }
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let year_end = matches!((day.month(), day.day()), (12, 29..=31) | (1, 1..=3));
        !weekend && !year_end && !is_holiday(day)
    }

    /// The exceptions as [`Self::read`] takes them: closed, then open.
    #[must_use]
    pub fn written(&self) -> (Vec<String>, Vec<String>) {
        let yearly = self.yearly.iter().map(|((m, d), open)| (format!("{m:02}-{d:02}"), *open));
        let once = self.exceptions.iter().map(|(day, open)| (day.to_string(), *open));
        let (open, closed): (Vec<_>, Vec<_>) = yearly.chain(once).partition(|(_, open)| *open);
        let days = |all: Vec<(String, bool)>| all.into_iter().map(|(day, _)| day).collect();
        (days(closed), days(open))
    }

    /// The first open day from `day` on; a time that ends on a closed day ends on it.
    #[must_use]
    pub fn open_from(&self, day: Date) -> Date {
        if self.is_open(day) { day } else { self.add(day, 1) }
    }

    /// The day that is `count` open days before; 0 gives `day` itself.
    #[must_use]
    pub fn before(&self, day: Date, count: u16) -> Date {
        let (mut day, mut left, mut steps) = (day, count, 0);
        // Ten years without an open day: the exceptions close the town for good.
        while left > 0 && steps < 3_660 {
            let Ok(earlier) = day.yesterday() else { return day };
            (day, steps) = (earlier, steps + 1);
            left -= u16::from(self.is_open(day));
        }
        day
    }

    /// The day after `count` open days, the first day not counted; 0 gives `from` itself.
    #[must_use]
    pub fn add(&self, from: Date, count: u16) -> Date {
        let mut day = from;
        let mut left = count;
        while left > 0 {
            let Ok(next) = day.tomorrow() else { return day };
            day = next;
            // Ten years without an open day: the exceptions close the town for good.
            if self.is_open(day) {
                left -= 1;
            } else if day > from.saturating_add(jiff::Span::new().years(10)) {
                return day;
            }
        }
        day
    }

    /// Open days after `from` up to and including `to`; 0 when `to` is not later.
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut day = from;
        while day < to {
            let Ok(next) = day.tomorrow() else { return count };
            day = next;
            count += u32::from(self.is_open(day));
        }
        count
    }

    /// Open days from `today` until `until`: 0 on that day itself, below 0 once it has passed.
    /// On closed days right after it the answer is 0 as well.
    #[must_use]
    pub fn left(&self, today: Date, until: Date) -> i32 {
        let days = |from, to| i32::try_from(self.between(from, to)).unwrap_or(i32::MAX);
        if today <= until { days(today, until) } else { -days(until, today) }
    }

    /// The day from which `from` is `count` open days away: later for a positive count, earlier
    /// for a negative one.
    #[must_use]
    pub fn moved(&self, from: Date, count: i32) -> Date {
        let steps = u16::try_from(count.unsigned_abs()).unwrap_or(u16::MAX);
        if count >= 0 {
            return self.add(from, steps);
        }
        // The last open day with as many open days behind it up to `from`.
        let (mut day, mut behind) = (from, 0);
        while behind < steps || !self.is_open(day) {
            behind += u16::from(self.is_open(day));
            let Ok(earlier) = day.yesterday() else { return day };
            day = earlier;
            if day < from.saturating_sub(jiff::Span::new().years(10)) {
                return day;
            }
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn holidays_of(year: i16) -> Vec<String> {
        let mut day = date(year, 1, 1);
        let mut found = Vec::new();
        while day.year() == year {
            if is_holiday(day) {
                found.push(format!("{:02}{:02}", day.month(), day.day()));
            }
            day = day.tomorrow().unwrap();
        }
        found
    }

    /// NF-50: the list the Cabinet Office publishes for 2026, 振替休日 (5/6) and 国民の休日 (9/22) included.
    #[test]
    fn the_holidays_of_2026_are_those_of_the_published_list() {
        assert_eq!(
            holidays_of(2026),
            [
                "0101", "0112", "0211", "0223", "0320", "0429", "0503", "0504", "0505", "0506",
                "0720", "0811", "0921", "0922", "0923", "1012", "1103", "1123"
            ]
        );
        assert_eq!(
            holidays_of(2027),
            [
                "0101", "0111", "0211", "0223", "0321", "0322", "0429", "0503", "0504", "0505",
                "0719", "0811", "0920", "0923", "1011", "1103", "1123"
            ]
        );
    }

    #[test]
    fn the_years_with_a_law_of_their_own_hold() {
        assert!(
            ["0430", "0501", "0502", "0506", "1022"]
                .iter()
                .all(|d| holidays_of(2019).contains(&d.to_string()))
        );
        assert!(
            ["0723", "0724", "0810"].iter().all(|d| holidays_of(2020).contains(&d.to_string()))
        );
        assert!(
            ["0722", "0723", "0808", "0809"]
                .iter()
                .all(|d| holidays_of(2021).contains(&d.to_string()))
        );
    }

    #[test]
    fn open_days_skip_weekends_holidays_and_the_turn_of_the_year() {
        let office = OfficeDays::default();
        assert_eq!(office.add(date(2026, 5, 1), 1), date(2026, 5, 7));
        assert_eq!(office.add(date(2026, 12, 28), 1), date(2027, 1, 4));
        assert_eq!(office.add(date(2026, 11, 20), 0), date(2026, 11, 20));
        assert_eq!(office.between(date(2026, 5, 1), date(2026, 5, 8)), 2);
    }

    /// IK-2.1.1b: days left and days late, and the way back to the day they are counted from.
    #[test]
    fn open_days_are_counted_both_ways() {
        let office = OfficeDays::default();
        let until = date(2026, 11, 20);
        for (today, left) in [
            (date(2026, 11, 18), 2),
            (until, 0),
            (date(2026, 11, 22), 0),
            (date(2026, 11, 24), -1),
            (date(2026, 11, 26), -3),
        ] {
            assert_eq!(office.left(today, until), left, "{today}");
            if office.is_open(today) {
                assert_eq!(office.moved(today, left), until, "{today}");
            }
        }
        assert_eq!(office.moved(date(2026, 11, 22), -1), date(2026, 11, 19));
    }

    #[test]
    fn a_town_opens_and_closes_single_days() {
        let office = OfficeDays::with([(date(2026, 11, 21), true), (date(2026, 11, 24), false)]);
        assert_eq!(office.add(date(2026, 11, 20), 1), date(2026, 11, 21));
        assert_eq!(office.add(date(2026, 11, 21), 1), date(2026, 11, 25));
    }

    #[test]
    fn a_time_that_ends_on_a_closed_day_ends_on_the_next_open_one() {
        let office = OfficeDays::default();
        assert_eq!(office.open_from(date(2026, 11, 20)), date(2026, 11, 20), "a Friday");
        assert_eq!(office.open_from(date(2026, 11, 21)), date(2026, 11, 24), "Monday is a holiday");
        assert_eq!(office.open_from(date(2026, 12, 29)), date(2027, 1, 4), "the turn of the year");
    }

    /// IK-2.1.1b: 創立記念日 and a longer 年末年始 close the office every year, a single day is stronger.
    #[test]
    fn a_town_writes_its_days_once_or_for_every_year() {
        let list = |days: &[&str]| days.iter().map(|day| (*day).to_owned()).collect::<Vec<_>>();
        let read = |closed: &[&str], open: &[&str]| OfficeDays::read(&list(closed), &list(open));
        let office = read(&["05-15", "12-28", "2026-12-25"], &["2027-12-28"]).expect("days");
        for (day, open) in [
            (date(2026, 5, 15), false),
            (date(2028, 5, 15), false),
            (date(2026, 12, 28), false),
            (date(2027, 12, 28), true),
            (date(2026, 12, 25), false),
            (date(2028, 12, 25), true),
        ] {
            assert_eq!(office.is_open(day), open, "{day}");
        }
        assert_eq!(read(&[], &[]), Ok(OfficeDays::default()));
        for bad in ["", "13-01", "02-30", "5月15日", "2026-02-29"] {
            assert_eq!(read(&[bad], &[]), Err(BadDay(bad.to_owned())), "{bad}");
        }
    }
}
