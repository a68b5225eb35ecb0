//! Dates of which the day, or the month and the day, may be unknown.

use std::fmt;

use jiff::civil::Date;

use super::era::Wareki;
use super::typed::{DateFault, DateParts, Year, bare, compose, fold, small, year_of};
use super::{both_year, month, told, told_month};
use crate::forms::definition::Lang;

/// A date as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialDate {
    /// A day.
    Day(Date),
    /// A month, by its first day.
    Month(Date),
    /// A year, by its first day.
    Year(Date),
}

impl PartialDate {
    /// As it is stored: `2026-04-01`, `2026-04` or `2026`.
    #[must_use]
    pub fn parse(stored: &str) -> Option<Self> {
        match stored.len() {
            10 => stored.parse().ok().map(Self::Day),
            7 => month(stored).map(Self::Month),
            4 if stored.bytes().all(|b| b.is_ascii_digit()) => {
                Date::new(stored.parse().ok()?, 1, 1).ok().map(Self::Year)
            }
            _ => None,
        }
    }

    /// The first and the last day it may be.
    #[must_use]
    pub fn days(self) -> (Date, Date) {
        match self {
            Self::Day(day) => (day, day),
            Self::Month(first) => (first, first.last_of_month()),
            Self::Year(first) => (first, first.last_of_year()),
        }
    }

    /// In words, with what is not known: `昭和50年4月（1975年4月）、日は不明`.
    #[must_use]
    pub fn told(self, lang: Lang) -> String {
        match self {
            Self::Day(day) => told(day, lang),
            Self::Month(first) => {
                let month = told_month(first, lang);
                match lang {
                    Lang::Ja => format!("{month}、日は不明"),
                    Lang::Easy => format!("{month}、日は分かりません"),
                    Lang::En => format!("{month} (day not known)"),
                    Lang::ZhHans => format!("{month}（日期不详）"),
                    Lang::ZhHant => format!("{month}（日期不詳）"),
                    Lang::Ko => format!("{month} (일은 모름)"),
                }
            }
            Self::Year(first) => {
                let year = first.year();
                match lang {
                    Lang::Ja => format!("{}、月日は不明", both_year(first)),
                    Lang::Easy => format!("{}、月と日は分かりません", both_year(first)),
                    Lang::En => format!("{year} (month and day not known)"),
                    Lang::ZhHans => format!("{year}年（月日不详）"),
                    Lang::ZhHant => format!("{year}年（月日不詳）"),
                    Lang::Ko => format!("{year}년 (월일은 모름)"),
                }
            }
        }
    }
}

/// As it is stored.
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Month(first) => write!(f, "{:04}-{:02}", first.year(), first.month()),
            Self::Year(first) => write!(f, "{:04}", first.year()),
        }
    }
}

/// Reads a date typed as one text, from its year on as far as it is known: `昭和50年`, `S50.4`,
/// `1975`, `197504`, and every writing of a day that [`super::read_date`] takes.
/// # Errors
/// [`DateFault`] with what would help.
pub fn read_partial_date(text: &str) -> Result<PartialDate, DateFault> {
    let folded = fold(text);
    if matches!(folded.len(), 4 | 6 | 8) && folded.bytes().all(|b| b.is_ascii_digit()) {
        let part = |from: usize, to: usize| folded.get(from..to).unwrap_or("");
        let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
        return as_far_as_known(DateParts { era: "", year, month, day });
    }
    let start = folded.find(|c: char| c.is_ascii_digit() || c == '元').ok_or(DateFault::NotDate)?;
    let (era, rest) = folded.split_at(start);
    // A unit at the end says how many parts there are.
    let unit =
        [('年', 1), ('月', 2), ('日', 3)].into_iter().find(|(unit, _)| rest.ends_with(*unit));
    let rest = unit.and_then(|(unit, _)| rest.strip_suffix(unit)).unwrap_or(rest);
    let parts: Vec<&str> = rest.split(['年', '月', '/', '.', '-']).collect();
    if parts.len() > 3 || unit.is_some_and(|(_, count)| count != parts.len()) {
        return Err(DateFault::NotDate);
    }
    if parts.iter().any(|part| part.is_empty()) {
        return Err(DateFault::Partial);
    }
    let part = |n: usize| parts.get(n).copied().unwrap_or("");
    let era = era.trim_end_matches('.');
    as_far_as_known(DateParts { era, year: part(0), month: part(1), day: part(2) })
}

/// Reads a date typed in parts; the day, or the month and the day, may be blank.
/// # Errors
/// [`DateFault`] with what would help; [`DateFault::Partial`] when a part before one that is given is
/// blank.
pub fn read_partial_date_parts(parts: DateParts<'_>) -> Result<PartialDate, DateFault> {
    let [era, year, month, day] = bare(parts);
    as_far_as_known(DateParts { era: &era, year: &year, month: &month, day: &day })
}

fn as_far_as_known(parts: DateParts<'_>) -> Result<PartialDate, DateFault> {
    match parts {
        DateParts { year: "", .. } => Err(DateFault::Partial),
        DateParts { month: "", day: "", .. } => spread(parts.era, parts.year, None),
        DateParts { month: "", .. } => Err(DateFault::Partial),
        DateParts { day: "", .. } => spread(parts.era, parts.year, Some(small(parts.month)?)),
        DateParts { .. } => compose(parts).map(PartialDate::Day),
    }
}

/// A year, or a month of it. One in which an era changes is in both.
fn spread(era: &str, year: &str, month: Option<i8>) -> Result<PartialDate, DateFault> {
    let year = year_of(era, year)?;
    let in_words = |year: String| month.map_or_else(|| year.clone(), |m| format!("{year}{m}月"));
    let (western, era, typed) = match year {
        Year::Western(year) => (year, None, in_words(format!("{year}年"))),
        Year::Of(era, year) => {
            let named = Wareki { era, year, month: 1, day: 1 }.named_year();
            (era.western_year(year), Some(era), in_words(named))
        }
    };
    let Ok(first) = Date::new(western, month.unwrap_or(1), 1) else {
        return Err(DateFault::NoSuchDay(typed));
    };
    let read = month.map_or(PartialDate::Year(first), |_| PartialDate::Month(first));
    let (first, last) = read.days();
    if era.is_none_or(|era| era.meets(first, last)) {
        return Ok(read);
    }
    Err(match Wareki::of(last) {
        Some(right) => DateFault::WrongEra { typed, right: in_words(right.named_year()) },
        None => DateFault::NoSuchDay(typed),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn stored(text: &str) -> Result<String, DateFault> {
        read_partial_date(text).map(|read| read.to_string())
    }

    /// NF-8: as far as it is known, in both calendars and every common way of writing.
    #[test]
    fn a_date_is_read_as_far_as_it_is_known() {
        for (typed, known) in [
            ("昭和50年", "1975"),
            ("S50", "1975"),
            ("昭５０", "1975"),
            ("1975", "1975"),
            ("1975年", "1975"),
            ("令和元年", "2019"),
            ("昭和50年4月", "1975-04"),
            ("S50.4", "1975-04"),
            ("R8.4", "2026-04"),
            ("2026/4", "2026-04"),
            ("2026-04", "2026-04"),
            ("202604", "2026-04"),
            ("昭和50年4月1日", "1975-04-01"),
            ("20260401", "2026-04-01"),
            ("R8.4.1", "2026-04-01"),
            // A year and a month in which an era changes are in both.
            ("昭和64年", "1989"),
            ("平成元年", "1989"),
            ("昭和64年1月", "1989-01"),
            ("明治45年", "1912"),
            ("大正元年7月", "1912-07"),
        ] {
            assert_eq!(stored(typed).as_deref(), Ok(known), "{typed}");
        }
    }

    /// NF-8: a year or month in the wrong era is answered with the right one.
    #[test]
    fn what_is_no_date_is_named_as_far_as_it_was_typed() {
        for (typed, right) in [
            ("昭和65年", "平成2年"),
            ("昭和64年2月", "平成元年2月"),
            ("令和元年4月", "平成31年4月"),
            ("平成31年5月", "令和元年5月"),
            ("大正16年", "昭和2年"),
        ] {
            let fault = DateFault::WrongEra { typed: typed.into(), right: right.into() };
            assert_eq!(stored(typed), Err(fault));
        }
        assert_eq!(stored("2026年13月"), Err(DateFault::NoSuchDay("2026年13月".into())));
        assert_eq!(stored("令和8年13月"), Err(DateFault::NoSuchDay("令和8年13月".into())));
        for bad in
            ["", "50", "8.4", "4月", "1日", "不明", "令和0年", "2026-4-1-1", "昭和65年1月1日"]
        {
            assert!(stored(bad).is_err(), "{bad}");
        }
        assert_eq!(stored("2026年月1日"), Err(DateFault::Partial));
    }

    /// NF-8: only the end may be blank.
    #[test]
    fn in_parts_only_the_end_may_be_blank() {
        let parts = |era, year, month, day| {
            read_partial_date_parts(DateParts { era, year, month, day }).map(|d| d.to_string())
        };
        assert_eq!(parts("showa", "５０年", "", "").as_deref(), Ok("1975"));
        assert_eq!(parts("showa", "50", "4月", "").as_deref(), Ok("1975-04"));
        assert_eq!(parts("", "1975", "4", "1").as_deref(), Ok("1975-04-01"));
        assert_eq!(parts("showa", "50", "", "1"), Err(DateFault::Partial));
        assert_eq!(parts("showa", "", "4", ""), Err(DateFault::Partial));
        assert_eq!(parts("", "50", "", ""), Err(DateFault::NotDate));
    }

    /// What is not known is said, and a year of two eras is told in both.
    #[test]
    fn what_is_not_known_is_told() {
        let told = |stored, lang| PartialDate::parse(stored).unwrap().told(lang);
        assert_eq!(told("1975-04", Lang::Ja), "昭和50年4月（1975年4月）、日は不明");
        assert_eq!(told("1975", Lang::Ja), "昭和50年（1975年）、月日は不明");
        assert_eq!(told("1989", Lang::Ja), "昭和64年・平成元年（1989年）、月日は不明");
        assert_eq!(told("1989-01", Lang::Ja), "昭和64年・平成元年1月（1989年1月）、日は不明");
        assert_eq!(told("2019-04", Lang::Ja), "平成31年4月（2019年4月）、日は不明");
        assert_eq!(told("2019-05", Lang::Ja), "令和元年5月（2019年5月）、日は不明");
        assert_eq!(told("2019", Lang::Ja), "平成31年・令和元年（2019年）、月日は不明");
        assert_eq!(told("1868-01", Lang::Ja), "明治元年1月（1868年1月）、日は不明");
        assert_eq!(told("1867", Lang::Ja), "1867年、月日は不明");
        assert_eq!(told("1975-04-01", Lang::Ja), "昭和50年4月1日（1975年4月1日）");
        assert_eq!(told("1975-04", Lang::En), "April 1975 (day not known)");
        assert_eq!(told("1975", Lang::ZhHant), "1975年（月日不詳）");
        for none in ["", "197", "75-04", "1975-4", "1975-13", "19750401", "あ"] {
            assert_eq!(PartialDate::parse(none), None, "{none}");
        }
    }

    proptest::proptest! {
        /// W11: no text makes the reader fail in another way than by a fault.
        #[test]
        fn any_text_gives_a_date_or_a_fault(text in "\\PC{0,40}") {
            let _ = read_partial_date(&text);
            let _ = PartialDate::parse(&text);
        }

        /// What was read is stored in one writing, holds its days, and reads again.
        #[test]
        fn every_date_reads_back_as_far_as_it_is_known(days in 0i32..80_000) {
            let day = date(1873, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let known = [
                PartialDate::Day(day),
                PartialDate::Month(day.first_of_month()),
                PartialDate::Year(day.first_of_year()),
            ];
            for one in known {
                proptest::prop_assert_eq!(PartialDate::parse(&one.to_string()), Some(one));
                proptest::prop_assert_eq!(read_partial_date(&one.to_string()), Ok(one));
                let (first, last) = one.days();
                proptest::prop_assert!(first <= day && day <= last);
            }
        }
    }
}
