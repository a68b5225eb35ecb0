//! Dates as people type them, in both calendars (NF-8).

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::era::{Era, Wareki};

/// Why a typed date is not a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFault {
    /// Nothing that reads as a date.
    NotDate,
    /// A part of it is missing.
    Partial,
    /// A day that is not in the calendar, such as 31 April: as typed.
    NoSuchDay(String),
    /// The era had ended or had not begun.
    WrongEra {
        /// As typed: 平成31年5月1日.
        typed: String,
        /// The same day in the right era: 令和元年5月1日.
        right: String,
    },
}

/// A date typed in parts. Blank `era` means 西暦.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DateParts<'a> {
    /// Era key, name or letter; blank for 西暦.
    pub era: &'a str,
    /// Year of the era (元 for 1) or western year.
    pub year: &'a str,
    /// Month.
    pub month: &'a str,
    /// Day.
    pub day: &'a str,
}

/// Reads a date typed as one text: `2026-04-01`, `2026/4/1`, `2026年4月1日`, `20260401`, `R8.4.1`,
/// `令和8年4月1日`, `令和元年5月1日`, `昭和64.1.7`, in any width.
/// # Errors
/// [`DateFault`] with what would help.
pub fn read_date(text: &str) -> Result<Date, DateFault> {
    let folded = fold(text);
    if let Some(date) = compact(&folded) {
        return date;
    }
    let start = folded.find(|c: char| c.is_ascii_digit() || c == '元').ok_or(DateFault::NotDate)?;
    let (era, rest) = folded.split_at(start);
    let mut parts = rest.split(['年', '月', '/', '.', '-']).map(str::trim);
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(DateFault::NotDate);
    };
    let day = day.strip_suffix('日').unwrap_or(day);
    compose(DateParts { era: era.trim_end_matches('.').trim(), year, month, day })
}

/// Reads a date typed in parts.
/// # Errors
/// [`DateFault`] with what would help.
pub fn read_date_parts(parts: DateParts<'_>) -> Result<Date, DateFault> {
    let [era, year, month, day] = bare(parts);
    compose(DateParts { era: &era, year: &year, month: &month, day: &day })
}

/// What was typed in parts: era, year, month and day in one width, without the units behind them.
pub(super) fn bare(parts: DateParts<'_>) -> [String; 4] {
    let without = |part: &str, unit: char| fold(part).trim_end_matches(unit).to_owned();
    [
        fold(parts.era),
        without(parts.year, '年'),
        without(parts.month, '月'),
        without(parts.day, '日'),
    ]
}

/// The first day of a stored month: `2026-04`.
#[must_use]
pub fn month(stored: &str) -> Option<Date> {
    if stored.len() == 7 { format!("{stored}-01").parse().ok() } else { None }
}

/// Reads a month typed as one text: `2026-04`, `2026/4`, `2026年4月`, `202604`, `R8.4`, `令和8年4月`.
/// Gives its first day.
/// # Errors
/// [`DateFault`] with what would help.
pub fn read_month(text: &str) -> Result<Date, DateFault> {
    let folded = fold(text);
    if folded.len() == 6 && folded.bytes().all(|b| b.is_ascii_digit()) {
        let (year, month) = folded.split_at(4);
        return read_month_parts("", year, month);
    }
    let start = folded.find(|c: char| c.is_ascii_digit() || c == '元').ok_or(DateFault::NotDate)?;
    let (era, rest) = folded.split_at(start);
    let mut parts = rest.trim_end_matches('月').split(['年', '/', '.', '-']);
    let (Some(year), Some(month), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(DateFault::NotDate);
    };
    read_month_parts(era.trim_end_matches('.'), year, month)
}

/// Reads a month typed in parts. Gives its first day. A month in which an era changes is in both.
/// # Errors
/// [`DateFault`] with what would help.
pub fn read_month_parts(era: &str, year: &str, month: &str) -> Result<Date, DateFault> {
    let on = |day| read_date_parts(DateParts { era, year, month, day });
    let first = match on("1") {
        Err(fault @ DateFault::WrongEra { .. }) => {
            let late = ["31", "30", "29", "28"].into_iter().find_map(|day| on(day).ok());
            late.ok_or(fault)?
        }
        read => read?,
    };
    Ok(first.first_of_month())
}

pub(super) fn fold(text: &str) -> String {
    let folded: String = text
        .chars()
        .take(60)
        .nfkc()
        .map(|c| if crate::text::is_hyphen(c) { '-' } else { c })
        .filter(|c| !c.is_whitespace())
        .collect();
    folded
}

/// `20260401`; `None` when it is not eight digits.
fn compact(text: &str) -> Option<Result<Date, DateFault>> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(compose(DateParts { era: "", year: &text[..4], month: &text[4..6], day: &text[6..] }))
}

pub(super) fn compose(parts: DateParts<'_>) -> Result<Date, DateFault> {
    if [parts.year, parts.month, parts.day].iter().any(|part| part.is_empty()) {
        return Err(DateFault::Partial);
    }
    let (month, day) = (small(parts.month)?, small(parts.day)?);
    match year_of(parts.era, parts.year)? {
        Year::Western(year) => Date::new(year, month, day)
            .map_err(|_| DateFault::NoSuchDay(format!("{year}年{month}月{day}日"))),
        Year::Of(era, year) => of_era(Wareki { era, year, month, day }),
    }
}

/// A year as it was typed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Year {
    /// Of four digits: it can only be western, whatever era is chosen beside it.
    Western(i16),
    /// Of an era, from 1.
    Of(Era, i16),
}

pub(super) fn year_of(era: &str, year: &str) -> Result<Year, DateFault> {
    let year = if year == "元" { 1 } else { number(year)? };
    if year >= 1000 {
        return Ok(Year::Western(year));
    }
    let era = Era::parse(era).ok_or(DateFault::NotDate)?;
    if year == 0 { Err(DateFault::NotDate) } else { Ok(Year::Of(era, year)) }
}

fn of_era(typed: Wareki) -> Result<Date, DateFault> {
    let day = Date::new(typed.era.western_year(typed.year), typed.month, typed.day)
        .map_err(|_| DateFault::NoSuchDay(typed.to_string()))?;
    let right = Wareki::of(day).ok_or_else(|| DateFault::NoSuchDay(typed.to_string()))?;
    if right == typed || is_last_day(typed.era, day) {
        Ok(day)
    } else {
        Err(DateFault::WrongEra { typed: typed.to_string(), right: right.to_string() })
    }
}

/// Whether the era ended on this day: 明治45年7月30日 and 大正15年12月25日 were days of both eras and
/// stand so in family registers; the later eras changed at midnight.
fn is_last_day(era: Era, day: Date) -> bool {
    match era {
        Era::Meiji => day == Era::Taisho.first_day(),
        Era::Taisho => day == Era::Showa.first_day(),
        Era::Showa | Era::Heisei | Era::Reiwa => false,
    }
}

fn number(text: &str) -> Result<i16, DateFault> {
    let digits = text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().map_err(|_| DateFault::NotDate) } else { Err(DateFault::NotDate) }
}

pub(super) fn small(text: &str) -> Result<i8, DateFault> {
    i8::try_from(number(text)?).map_err(|_| DateFault::NotDate)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// NF-8: both calendars, every common way of writing.
    #[test]
    fn a_day_is_read_however_it_is_written() {
        for typed in [
            "2026-04-01",
            "2026/4/1",
            "2026.4.1",
            "2026年4月1日",
            "20260401",
            "R8.4.1",
            "r8/04/01",
            "令和8年4月1日",
            "令8.4.1",
            "Ｒ８．４．１",
            "令和８年 ４月 １日",
            "㋿8年4月1日",
            "２０２６ー４ー１",
            "R.8.4.1",
        ] {
            assert_eq!(read_date(typed), Ok(date(2026, 4, 1)), "{typed}");
        }
        assert_eq!(read_date("令和元年5月1日"), Ok(date(2019, 5, 1)));
        assert_eq!(read_date("昭和64.1.7"), Ok(date(1989, 1, 7)));
        assert_eq!(read_date("2024-02-29"), Ok(date(2024, 2, 29)));
    }

    /// NF-8: a day in the wrong era is answered with the right one.
    #[test]
    fn the_wrong_era_is_answered_with_the_right_one() {
        for (typed, right) in [
            ("平成31年5月1日", "令和元年5月1日"),
            ("昭和64年1月8日", "平成元年1月8日"),
            ("令和元年4月30日", "平成31年4月30日"),
            ("昭和元年1月1日", "大正15年1月1日"),
            ("平成40年2月3日", "令和10年2月3日"),
        ] {
            let fault = DateFault::WrongEra { typed: typed.into(), right: right.into() };
            assert_eq!(read_date(typed), Err(fault));
        }
    }

    /// NF-8: the two days on which an era changed at noon are read in both eras.
    #[test]
    fn a_day_of_two_eras_is_read_in_both() {
        for (typed, day) in [
            ("明治45年7月30日", date(1912, 7, 30)),
            ("大正元年7月30日", date(1912, 7, 30)),
            ("大正15年12月25日", date(1926, 12, 25)),
            ("昭和元年12月25日", date(1926, 12, 25)),
        ] {
            assert_eq!(read_date(typed), Ok(day), "{typed}");
        }
        for typed in ["明治45年7月31日", "大正15年12月26日", "昭和64年1月8日", "平成31年5月1日"]
        {
            assert!(matches!(read_date(typed), Err(DateFault::WrongEra { .. })), "{typed}");
        }
    }

    #[test]
    fn what_is_no_day_is_named() {
        assert_eq!(read_date("2026-02-30"), Err(DateFault::NoSuchDay("2026年2月30日".into())));
        assert_eq!(read_date("令和8年13月1日"), Err(DateFault::NoSuchDay("令和8年13月1日".into())));
        assert_eq!(read_date("明治元年1月1日"), Err(DateFault::NoSuchDay("明治元年1月1日".into())));
        for bad in [
            "",
            "あした",
            "8.4.1",
            "2026",
            "令和8年",
            "1-2-3-4",
            "X8.4.1",
            "99999-1-1",
            "令和0年1月1日",
            "2026-4-1000",
            "+8.4.1",
        ] {
            assert!(read_date(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_are_read_like_the_whole() {
        let parts = |era, year, month, day| read_date_parts(DateParts { era, year, month, day });
        assert_eq!(parts("reiwa", "８", "4", "1"), Ok(date(2026, 4, 1)));
        assert_eq!(parts("reiwa", "元", "5", "1"), Ok(date(2019, 5, 1)));
        assert_eq!(parts("", "2026", "04", "01"), Ok(date(2026, 4, 1)));
        assert_eq!(parts("reiwa", "2026", "4", "1"), Ok(date(2026, 4, 1)));
        assert_eq!(parts("reiwa", "8", "", "1"), Err(DateFault::Partial));
        assert_eq!(parts("", "8", "4", "1"), Err(DateFault::NotDate));
    }

    proptest::proptest! {
        /// W11: no text makes the reader fail in another way than by a fault.
        #[test]
        fn any_text_gives_a_day_or_a_fault(text in "\\PC{0,40}") {
            let _ = read_date(&text);
        }

        #[test]
        fn every_day_reads_back_from_both_calendars(days in 0i32..80_000) {
            let day = date(1873, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            proptest::prop_assert_eq!(read_date(&day.to_string()), Ok(day));
            proptest::prop_assert_eq!(read_date(&Wareki::of(day).unwrap().to_string()), Ok(day));
        }
    }
}
