//! 期限 in words a clerk reads: the day, and how many open days are left or passed (IK-2.1.1b).

use domain::applications::Countdown;
use domain::calendar::OfficeDays;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::site::TEXTS;
use crate::words;

/// A deadline as shown.
pub(super) struct Deadline {
    /// The words.
    pub(super) words: String,
    /// Class of the mark around them; empty for plain words.
    pub(super) mark: &'static str,
}

/// `None` when nothing is promised or the decision is made.
pub(super) fn view(countdown: Countdown, now: Timestamp, days: &OfficeDays) -> Option<Deadline> {
    let today = words::day(now);
    match countdown {
        Countdown::None => None,
        Countdown::Runs { until } => Some(running(until, today, days)),
        Countdown::Stands { left } => {
            let key = match left {
                0.. => "applications.deadline.stands",
                ..0 => "applications.deadline.stands_late",
            };
            let words = TEXTS.fill(key, &[("days", &left.unsigned_abs())]);
            Some(Deadline { words, mark: "" })
        }
    }
}

fn running(until: Date, today: Date, office: &OfficeDays) -> Deadline {
    let left = office.left(today, until);
    let (key, mark) = if until == today {
        ("applications.deadline.today", "tag tag-wait tag-long")
    } else if today < until {
        ("applications.deadline.left", "")
    } else if left == 0 {
        ("applications.deadline.passed", "tag tag-bad tag-long")
    } else {
        ("applications.deadline.late", "tag tag-bad tag-long")
    };
    let (day, days) = (short(until, today), left.unsigned_abs());
    Deadline { words: TEXTS.fill(key, &[("day", &day), ("days", &days)]), mark }
}

/// The same of a day, without mark.
pub(crate) fn words(until: Date, today: Date, office: &OfficeDays) -> String {
    running(until, today, office).words
}

/// `12月3日`; with the year when it is another one.
pub(crate) fn short(day: Date, today: Date) -> String {
    let key = if day.year() == today.year() {
        "applications.deadline.day"
    } else {
        "applications.deadline.day_of_year"
    };
    TEXTS.fill(key, &[("year", &day.year()), ("month", &day.month()), ("day", &day.day())])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// IK-2.1.1b: the day and the open days, as a clerk would say it.
    #[test]
    fn a_deadline_is_said_in_open_days() {
        let now: Timestamp = "2026-11-20T01:00:00Z".parse().expect("a time");
        let office = OfficeDays::default();
        let said = |countdown| view(countdown, now, &office).map(|it| (it.words, it.mark));
        let until = |month, day| Countdown::Runs { until: date(2026, month, day) };
        for (countdown, words, mark) in [
            (until(11, 27), "11月27日(あと4開庁日)", ""),
            (until(11, 20), "今日(11月20日)", "tag tag-wait tag-long"),
            (until(11, 18), "2開庁日過ぎています(11月18日)", "tag tag-bad tag-long"),
            (Countdown::Runs { until: date(2027, 1, 5) }, "2027年1月5日(あと27開庁日)", ""),
            (Countdown::Stands { left: 5 }, "補正を待つあいだ止まっています(残り5開庁日)", ""),
            (
                Countdown::Stands { left: -2 },
                "補正を待つあいだ止まっています(2開庁日過ぎていました)",
                "",
            ),
        ] {
            assert_eq!(said(countdown), Some((words.to_owned(), mark)));
        }
        let sunday: Timestamp = "2026-11-22T01:00:00Z".parse().expect("a time");
        let weekend = view(until(11, 20), sunday, &office).map(|it| it.words);
        assert_eq!(weekend.as_deref(), Some("過ぎています(11月20日)"));
        assert_eq!(said(Countdown::None), None);
        let closed = OfficeDays::with([(date(2026, 11, 24), false)]);
        let own = view(until(11, 27), now, &closed).map(|it| it.words);
        assert_eq!(own.as_deref(), Some("11月27日(あと3開庁日)"), "the town's own day");
    }
}
