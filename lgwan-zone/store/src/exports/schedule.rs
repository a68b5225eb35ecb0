//! When a job puts out a generation by itself: at times of the day, on days of the week, in Japan
//! (IK-2.1.2d1). A job without a schedule has its turn at the interval of the service.

use domain::calendar::{read_time, written_time};
use domain::forms::definition::Day;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// Most times of one day.
const MOST: usize = 24;

/// Days and times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Days of the week; every day when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// Times of the day in Japan: `08:30`.
    pub at: Vec<String>,
}

impl Schedule {
    /// Whether every time is one, written as clocks show it, and there are not too many.
    #[must_use]
    pub fn holds(&self) -> bool {
        let plain = |at: &String| read_time(at).is_some_and(|read| written_time(read) == *at);
        (1..=MOST).contains(&self.at.len()) && self.at.iter().all(plain)
    }

    /// The newest moment at or before `now`, as it is stored: `2026-11-20T08:30`; texts of two moments
    /// compare as the moments do. `now` is the time in Japan.
    #[must_use]
    pub fn newest(&self, now: DateTime) -> Option<String> {
        let time = written_time(minutes(now));
        let last = |day: Date| {
            let passed = |at: &&String| day < now.date() || **at <= time;
            self.at.iter().filter(passed).max().map(|at| format!("{day}T{at}"))
        };
        let days = (0..=7_i64).filter_map(|back| now.date().checked_sub(back.days()).ok());
        let own = |day: &Date| self.days.is_empty() || self.days.contains(&Day::of(*day));
        days.filter(own).find_map(last)
    }
}

fn minutes(now: DateTime) -> u16 {
    u16::try_from(now.hour()).unwrap_or(0) * 60 + u16::try_from(now.minute()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(days: &[Day], at: &[&str]) -> Schedule {
        Schedule { days: days.to_vec(), at: at.iter().map(|&at| at.to_owned()).collect() }
    }

    /// IK-2.1.2d1: the turn before now is the newest time of the newest day that counts.
    #[test]
    fn the_turn_before_now_is_found() {
        let week = schedule(&[Day::Mon, Day::Fri], &["17:00", "08:30"]);
        for (now, newest) in [
            ("2026-11-20T10:00:00", "2026-11-20T08:30"),
            ("2026-11-20T08:30:00", "2026-11-20T08:30"),
            ("2026-11-20T08:29:59", "2026-11-16T17:00"),
            ("2026-11-22T23:00:00", "2026-11-20T17:00"),
        ] {
            let now: DateTime = now.parse().unwrap();
            assert_eq!(week.newest(now).as_deref(), Some(newest), "{now}");
        }
        let daily = schedule(&[], &["23:30"]);
        let early: DateTime = "2026-11-20T00:10:00".parse().unwrap();
        assert_eq!(daily.newest(early).as_deref(), Some("2026-11-19T23:30"));
        let weekly = schedule(&[Day::Fri], &["09:00"]);
        let friday: DateTime = "2026-11-20T08:59:00".parse().unwrap();
        assert_eq!(weekly.newest(friday).as_deref(), Some("2026-11-13T09:00"));
    }

    #[test]
    fn only_times_of_a_clock_make_a_schedule() {
        assert!(schedule(&[], &["00:00", "23:59"]).holds());
        for bad in ["24:00", "8:30", "0830", "", "08:60"] {
            assert!(!schedule(&[], &[bad]).holds(), "{bad}");
        }
        assert!(!schedule(&[], &[]).holds());
        assert!(!schedule(&[], &["08:00"; 25]).holds());
    }
}
