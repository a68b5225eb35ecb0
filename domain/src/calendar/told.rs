//! Days for readers of other languages: 西暦 alone, in the order they know.

use jiff::civil::Date;

use super::{both, both_month};
use crate::forms::definition::Lang;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn english(date: Date) -> &'static str {
    let nth = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    MONTHS.get(nth).copied().unwrap_or_default()
}

/// A day: in both calendars for who reads Japanese, without an era for everybody else.
#[must_use]
pub fn told(date: Date, lang: Lang) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match lang {
        Lang::Ja | Lang::Easy => both(date),
        Lang::En => format!("{} {day}, {year}", english(date)),
        Lang::ZhHans | Lang::ZhHant => format!("{year}年{month}月{day}日"),
        Lang::Ko => format!("{year}년 {month}월 {day}일"),
    }
}

/// A month, in the same way.
#[must_use]
pub fn told_month(date: Date, lang: Lang) -> String {
    let (year, month) = (date.year(), date.month());
    match lang {
        Lang::Ja | Lang::Easy => both_month(date),
        Lang::En => format!("{} {year}", english(date)),
        Lang::ZhHans | Lang::ZhHant => format!("{year}年{month}月"),
        Lang::Ko => format!("{year}년 {month}월"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eras mean nothing to who does not read Japanese.
    #[test]
    fn other_languages_get_the_western_year_alone() {
        let day = jiff::civil::date(2026, 4, 1);
        assert_eq!(told(day, Lang::Ja), "令和8年4月1日（2026年4月1日）");
        assert_eq!(told(day, Lang::En), "April 1, 2026");
        assert_eq!(told(day, Lang::ZhHant), "2026年4月1日");
        assert_eq!(told(day, Lang::Ko), "2026년 4월 1일");
        assert_eq!(told_month(day, Lang::En), "April 2026");
        assert_eq!(told_month(day, Lang::Ko), "2026년 4월");
    }
}
