//! How long what is over is kept before it is deleted (保存期間; IK-3.5.1a, NF-43).

use jiff::{Span, Timestamp};
use thiserror::Error;

use crate::calendar::{date_in_japan, end_of_day_in_japan};

/// What grows, and goes by a rule that two people made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Applications that are over, with everything that belongs to them.
    Applications,
    /// The operation and access log of the staff zone.
    StaffLog,
    /// That of the citizens' zone, as it was told.
    CitizensLog,
    /// Generations for business systems whose applications are gone.
    Exports,
    /// What was done to many applications at once.
    Batches,
    /// Lists of staff as they were handed in.
    Rosters,
}

impl Class {
    /// Every class, in the order of the page.
    pub const ALL: [Self; 6] = [
        Self::Applications,
        Self::StaffLog,
        Self::CitizensLog,
        Self::Exports,
        Self::Batches,
        Self::Rosters,
    ];

    /// How it is stored, sent, and stands in catalogue keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Applications => "applications",
            Self::StaffLog => "staff_log",
            Self::CitizensLog => "citizens_log",
            Self::Exports => "exports",
            Self::Batches => "batches",
            Self::Rosters => "rosters",
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.key() == key)
    }

    /// Months it must be kept at least. Logs stay three years (NF-43, IK-3.5.1a); who took in what
    /// was handed over can be asked about for one (SQ-5.3b).
    #[must_use]
    pub const fn least(self) -> u16 {
        match self {
            Self::StaffLog | Self::CitizensLog => 36,
            Self::Exports => 12,
            Self::Applications | Self::Batches | Self::Rosters => 1,
        }
    }
}

/// How long: whole months after what is kept was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(u16);

/// Why a period cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadPeriod {
    /// Not a number of years and months.
    #[error("no period")]
    None,
    /// Shorter than this class must be kept.
    #[error("shorter than {0} months")]
    TooShort(u16),
    /// Longer than a hundred years.
    #[error("longer than a hundred years")]
    TooLong,
}

impl Period {
    /// The longest, in months.
    pub const LONGEST: u16 = 1_200;

    /// A period as it is typed; either may be empty.
    ///
    /// # Errors
    /// [`BadPeriod`] says why not.
    pub fn read(class: Class, years: &str, months: &str) -> Result<Self, BadPeriod> {
        let number = |text: &str| match text.trim() {
            "" => Ok(0),
            text => text.parse::<u16>().map_err(|_| BadPeriod::None),
        };
        let (years, months) = (number(years)?, number(months)?);
        let all = u32::from(years) * 12 + u32::from(months);
        Self::of(class, u16::try_from(all).map_err(|_| BadPeriod::TooLong)?)
    }

    /// A period of months.
    ///
    /// # Errors
    /// [`BadPeriod`] says why not.
    pub const fn of(class: Class, months: u16) -> Result<Self, BadPeriod> {
        match months {
            0 => Err(BadPeriod::None),
            few if few < class.least() => Err(BadPeriod::TooShort(class.least())),
            many if many > Self::LONGEST => Err(BadPeriod::TooLong),
            months => Ok(Self(months)),
        }
    }

    /// Whole months.
    #[must_use]
    pub const fn months(self) -> u16 {
        self.0
    }

    /// What was over before this moment is no longer kept: the day it was over and the whole period
    /// behind that day have passed in Japan.
    #[must_use]
    pub fn over_before(self, now: Timestamp) -> Timestamp {
        let day = date_in_japan(now).saturating_sub(Span::new().months(self.0));
        end_of_day_in_japan(day.yesterday().unwrap_or(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// IK-3.5.1a, NF-43: three years of logs cannot be undercut, whatever is typed.
    #[test]
    fn logs_stay_three_years_at_least() {
        for class in [Class::StaffLog, Class::CitizensLog] {
            assert_eq!(Period::read(class, "2", "11"), Err(BadPeriod::TooShort(36)));
            assert_eq!(Period::read(class, "3", ""), Ok(Period(36)));
        }
        assert_eq!(Period::read(Class::Applications, "", "1"), Ok(Period(1)));
        for (years, months) in [("", ""), ("0", "0"), ("-1", ""), ("5.5", ""), ("五", "")] {
            assert_eq!(Period::read(Class::Applications, years, months), Err(BadPeriod::None));
        }
        for years in ["101", "60000"] {
            assert_eq!(Period::read(Class::Applications, years, "1"), Err(BadPeriod::TooLong));
        }
    }

    /// IK-3.5.1a: the day on which something was over does not count, and the days are Japan's.
    #[test]
    fn a_period_has_passed_on_the_day_behind_it() {
        let month = Period(1);
        // Noon of 22 October in Japan.
        let ended = at("2026-10-22T03:00:00Z");
        assert!(ended >= month.over_before(at("2026-11-22T14:59:59Z")), "still the 22nd");
        assert!(ended < month.over_before(at("2026-11-22T15:00:00Z")), "the 23rd");
        // A month that is shorter ends earlier, never in the month behind it.
        let end = Period(1).over_before(at("2027-03-30T15:00:00Z"));
        assert_eq!(end, at("2027-02-27T15:00:00Z"));
    }
}
