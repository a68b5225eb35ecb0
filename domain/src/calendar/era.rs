//! 和暦.

use std::fmt;

use jiff::civil::{Date, date};

/// An era, in use from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Era {
    /// 明治, from 1868-01-25.
    Meiji,
    /// 大正, from 1912-07-30.
    Taisho,
    /// 昭和, from 1926-12-25.
    Showa,
    /// 平成, from 1989-01-08.
    Heisei,
    /// 令和, from 2019-05-01.
    Reiwa,
}

impl Era {
    /// Every era, newest first, as lists offer them.
    pub const ALL: [Self; 5] = [Self::Reiwa, Self::Heisei, Self::Showa, Self::Taisho, Self::Meiji];

    /// The era of a day; `None` before 明治.
    #[must_use]
    pub fn of(day: Date) -> Option<Self> {
        Self::ALL.into_iter().find(|era| day >= era.first_day())
    }

    /// First day.
    #[must_use]
    pub const fn first_day(self) -> Date {
        match self {
            Self::Meiji => date(1868, 1, 25),
            Self::Taisho => date(1912, 7, 30),
            Self::Showa => date(1926, 12, 25),
            Self::Heisei => date(1989, 1, 8),
            Self::Reiwa => date(2019, 5, 1),
        }
    }

    /// Name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meiji => "明治",
            Self::Taisho => "大正",
            Self::Showa => "昭和",
            Self::Heisei => "平成",
            Self::Reiwa => "令和",
        }
    }

    /// Value in forms.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Meiji => "meiji",
            Self::Taisho => "taisho",
            Self::Showa => "showa",
            Self::Heisei => "heisei",
            Self::Reiwa => "reiwa",
        }
    }

    /// Letter: M T S H R.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Meiji => 'M',
            Self::Taisho => 'T',
            Self::Showa => 'S',
            Self::Heisei => 'H',
            Self::Reiwa => 'R',
        }
    }

    /// Digit in data files, 1 to 5.
    #[must_use]
    pub const fn digit(self) -> u8 {
        match self {
            Self::Meiji => 1,
            Self::Taisho => 2,
            Self::Showa => 3,
            Self::Heisei => 4,
            Self::Reiwa => 5,
        }
    }

    /// Western year of a year of this era.
    #[must_use]
    pub fn western_year(self, year: i16) -> i16 {
        self.first_day().year() + year - 1
    }

    /// Whether one of these days is in the era.
    #[must_use]
    pub fn meets(self, first: Date, last: Date) -> bool {
        let next = Self::ALL.into_iter().rfind(|era| *era > self);
        last >= self.first_day() && next.is_none_or(|next| first < next.first_day())
    }

    /// The era people mean: name, first kanji, letter of any case, or form value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|era| {
            text == era.name()
                || text == era.key()
                || era.name().strip_prefix(text).is_some_and(|rest| rest.chars().count() == 1)
                || (text.len() == 1
                    && text.eq_ignore_ascii_case(era.letter().encode_utf8(&mut [0; 4])))
        })
    }
}

/// A day in 和暦. Year 1 prints 元年.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wareki {
    /// Era.
    pub era: Era,
    /// Year of the era, from 1.
    pub year: i16,
    /// Month.
    pub month: i8,
    /// Day.
    pub day: i8,
}

impl Wareki {
    /// A day in 和暦; `None` before 明治.
    #[must_use]
    pub fn of(day: Date) -> Option<Self> {
        let era = Era::of(day)?;
        let year = day.year() - era.first_day().year() + 1;
        Some(Self { era, year, month: day.month(), day: day.day() })
    }

    /// The year alone: 令和8年, 令和元年.
    #[must_use]
    pub fn named_year(self) -> String {
        match self.year {
            1 => format!("{}元年", self.era.name()),
            year => format!("{}{year}年", self.era.name()),
        }
    }

    /// Era digit and yymmdd: `5081120`; for data files.
    #[must_use]
    pub fn era_digit(self) -> String {
        format!("{}{:02}{:02}{:02}", self.era.digit(), self.year, self.month, self.day)
    }
}

impl fmt::Display for Wareki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}月{}日", self.named_year(), self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wareki(y: i16, m: i8, d: i8) -> String {
        Wareki::of(date(y, m, d)).map(|w| w.to_string()).unwrap_or_default()
    }

    /// NF-8: the borders of every era.
    #[test]
    fn each_era_has_its_first_and_last_day() {
        assert_eq!(wareki(2026, 11, 20), "令和8年11月20日");
        assert_eq!(wareki(2019, 5, 1), "令和元年5月1日");
        assert_eq!(wareki(2019, 4, 30), "平成31年4月30日");
        assert_eq!(wareki(1989, 1, 8), "平成元年1月8日");
        assert_eq!(wareki(1989, 1, 7), "昭和64年1月7日");
        assert_eq!(wareki(1926, 12, 25), "昭和元年12月25日");
        assert_eq!(wareki(1926, 12, 24), "大正15年12月24日");
        assert_eq!(wareki(1912, 7, 30), "大正元年7月30日");
        assert_eq!(wareki(1912, 7, 29), "明治45年7月29日");
        assert_eq!(wareki(1868, 1, 25), "明治元年1月25日");
        assert_eq!(wareki(1868, 1, 24), "");
    }

    #[test]
    fn an_era_is_read_from_name_kanji_letter_and_key() {
        for text in ["令和", "令", "R", "r", "reiwa"] {
            assert_eq!(Era::parse(text), Some(Era::Reiwa), "{text}");
        }
        for text in ["", "和", "X", "re"] {
            assert_eq!(Era::parse(text), None, "{text}");
        }
        assert_eq!(
            Wareki::of(date(2026, 11, 20)).map(Wareki::era_digit).as_deref(),
            Some("5081120")
        );
    }
}
