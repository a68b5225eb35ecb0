//! 日時の枠: the days and times of a calendar, and until when each may be chosen.

use jiff::civil::{Date, DateTime, Time};

use crate::calendar::{OfficeDays, read_time, written_time};
use crate::forms::definition::{Day, Field, FieldKind, Lang, SlotKind};

/// Most of one question.
pub const MOST_OPENINGS: usize = 2_000;
/// Most minutes one takes: a day.
pub const MOST_MINUTES: u32 = 1_440;
/// Most open days between the last moment and the day.
pub const MOST_CUTOFF_DAYS: u16 = 60;

/// A day and a time that can be chosen. Both are of Japan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// The day.
    pub day: Date,
    /// When it begins, in minutes since midnight.
    pub minutes: u16,
}

impl Opening {
    /// As an answer stores it: `2026-12-01T09:30`.
    #[must_use]
    pub fn code(self) -> String {
        format!("{}T{}", self.day, written_time(self.minutes))
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let (day, time) = code.split_once('T')?;
        let opening = Self { day: day.parse().ok()?, minutes: read_time(time)? };
        (opening.code() == code).then_some(opening)
    }

    /// When it begins.
    #[must_use]
    pub fn begins(self) -> DateTime {
        at(self.day, self.minutes)
    }

    /// Its day in words, with the day of the week.
    #[must_use]
    pub fn day_told(self, lang: Lang) -> String {
        let (year, month, day) = (self.day.year(), self.day.month(), self.day.day());
        let weekday = weekday(Day::of(self.day), lang);
        match lang {
            Lang::Ja | Lang::Easy => format!("{year}年{month}月{day}日（{weekday}）"),
            Lang::En => format!("{weekday}, {}", crate::calendar::told(self.day, lang)),
            Lang::ZhHans | Lang::ZhHant => format!("{year}年{month}月{day}日（{weekday}）"),
            Lang::Ko => format!("{year}년 {month}월 {day}일({weekday})"),
        }
    }

    /// Its time in words: `9:30〜10:00`, or when it begins alone.
    #[must_use]
    pub fn time_told(self, length: u32, lang: Lang) -> String {
        let clock = |minutes: u32| format!("{}:{:02}", minutes / 60, minutes % 60);
        let begins = u32::from(self.minutes);
        let dash = if matches!(lang, Lang::Ja | Lang::Easy) { "〜" } else { "–" };
        match length {
            0 => clock(begins),
            length => format!("{}{dash}{}", clock(begins), clock((begins + length).min(1_440))),
        }
    }

    /// Both: `2026年12月1日（火）9:30〜10:00`.
    #[must_use]
    pub fn told(self, length: u32, lang: Lang) -> String {
        let gap = if matches!(lang, Lang::Ja | Lang::Easy | Lang::ZhHans | Lang::ZhHant) {
            ""
        } else {
            " "
        };
        format!("{}{gap}{}", self.day_told(lang), self.time_told(length, lang))
    }
}

const fn weekday(day: Day, lang: Lang) -> &'static str {
    let (ja, en, hans, hant, ko) = match day {
        Day::Mon => ("月", "Mon", "周一", "週一", "월"),
        Day::Tue => ("火", "Tue", "周二", "週二", "화"),
        Day::Wed => ("水", "Wed", "周三", "週三", "수"),
        Day::Thu => ("木", "Thu", "周四", "週四", "목"),
        Day::Fri => ("金", "Fri", "周五", "週五", "금"),
        Day::Sat => ("土", "Sat", "周六", "週六", "토"),
        Day::Sun => ("日", "Sun", "周日", "週日", "일"),
    };
    match lang {
        Lang::Ja | Lang::Easy => ja,
        Lang::En => en,
        Lang::ZhHans => hans,
        Lang::ZhHant => hant,
        Lang::Ko => ko,
    }
}

/// The first moment of a minute of a day; the end of the day is the next one.
fn at(day: Date, minutes: u16) -> DateTime {
    let (hour, minute) = (minutes / 60, minutes % 60);
    let time = i8::try_from(hour).ok().zip(i8::try_from(minute).ok());
    let time = time.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    match time {
        Some(time) => day.to_datetime(time),
        None => day.tomorrow().unwrap_or(day).to_datetime(Time::midnight()),
    }
}

/// Everything a question offers, earliest first, with the first moment at which it is too late.
#[derive(Debug, Default)]
pub struct Openings {
    all: Vec<(Opening, DateTime)>,
    minutes: u32,
}

impl Openings {
    /// Those of a question; none of another kind.
    #[must_use]
    pub fn of(field: &Field, office: &OfficeDays) -> Self {
        let FieldKind::Slot(kind) = &field.kind else { return Self::default() };
        let week = Day::ALL.map(|day| match kind.times_on.of(day) {
            own if own.is_empty() => in_order(&kind.times),
            own => in_order(own),
        });
        let mut all = Vec::new();
        for day in days(kind, office) {
            let times = &week[Day::of(day) as usize];
            let last = (office.before(day, kind.cutoff_days), cutoff(kind));
            for minutes in times {
                let opening = Opening { day, minutes: *minutes };
                let closes = match last {
                    (day, Some(minutes)) => at(day, minutes).min(opening.begins()),
                    (_, None) => opening.begins(),
                };
                all.push((opening, closes));
                // One more than may be published is enough to say so.
                if all.len() > MOST_OPENINGS {
                    return Self { all, minutes: kind.minutes };
                }
            }
        }
        Self { all, minutes: kind.minutes }
    }

    /// Earliest first, with the first moment at which each is too late.
    pub fn iter(&self) -> impl Iterator<Item = (Opening, DateTime)> + '_ {
        self.all.iter().copied()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The first moment at which one is too late; `None` for one that is not offered at all.
    #[must_use]
    pub fn closes(&self, opening: Opening) -> Option<DateTime> {
        let found = self.all.binary_search_by_key(&opening, |(one, _)| *one).ok()?;
        Some(self.all[found].1)
    }

    /// One in words.
    #[must_use]
    pub fn told(&self, opening: Opening, lang: Lang) -> String {
        opening.told(self.minutes, lang)
    }

    /// Minutes each takes.
    #[must_use]
    pub const fn minutes(&self) -> u32 {
        self.minutes
    }
}

/// Times in minutes, each once, earliest first.
fn in_order(times: &[String]) -> Vec<u16> {
    let mut times: Vec<u16> = times.iter().filter_map(|time| read_time(time)).collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// The minute of the last day from which nothing may be chosen.
fn cutoff(kind: &SlotKind) -> Option<u16> {
    match kind.cutoff_at.as_deref().and_then(read_time) {
        Some(minutes) => Some(minutes),
        None => (kind.cutoff_days > 0).then_some(1_440),
    }
}

/// The days, each once, earliest first.
fn days(kind: &SlotKind, office: &OfficeDays) -> Vec<Date> {
    let mut days = kind.dates.clone();
    if let (Some(from), Some(until)) = (kind.from, kind.until) {
        let rule = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= until);
        let rule = rule.take(3_660).filter(|day| kind.weekdays.contains(&Day::of(*day)));
        days.extend(rule);
    }
    days.sort_unstable();
    days.dedup();
    days.retain(|day| !kind.except.contains(day) && (kind.closed_too || office.is_open(*day)));
    days
}
