//! Age by the Japanese rule: a year is added at the end of the day before the birthday.

use jiff::civil::Date;

/// Age in whole years during the day `on`; 0 before birth.
#[must_use]
pub fn age(birth: Date, on: Date) -> u32 {
    let years = on.year() - birth.year();
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    u32::try_from(if had_birthday { years } else { years - 1 }).unwrap_or(0)
}

/// Age at the end of the day `on`, when the birthday of the next day already counts. School years
/// and pensions use it: who is born on 1 April reaches the age on 31 March.
#[must_use]
pub fn age_at_end_of(birth: Date, on: Date) -> u32 {
    on.tomorrow().map_or_else(|_| age(birth, on), |next| age(birth, next))
}

/// 「…歳に達する日」: the day before the birthday; `None` beyond the calendar.
#[must_use]
pub fn day_reaching(birth: Date, age: u32) -> Option<Date> {
    let year = birth.year().checked_add(i16::try_from(age).ok()?)?;
    // Born on 29 February: the birthday of a common year is 1 March.
    let birthday =
        Date::new(year, birth.month(), birth.day()).or_else(|_| Date::new(year, 3, 1)).ok()?;
    birthday.yesterday().ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_day_of_reaching_an_age_is_the_day_before_the_birthday() {
        let birth = date(2008, 4, 1);
        assert_eq!(day_reaching(birth, 18), Some(date(2026, 3, 31)));
        assert_eq!(age(birth, date(2026, 3, 31)), 17);
        assert_eq!(age_at_end_of(birth, date(2026, 3, 31)), 18);
        assert_eq!(age(birth, date(2026, 4, 1)), 18);
    }

    #[test]
    fn a_leap_day_birth_ages_at_the_end_of_february() {
        let birth = date(2008, 2, 29);
        assert_eq!(age(birth, date(2026, 2, 28)), 17);
        assert_eq!(age_at_end_of(birth, date(2026, 2, 28)), 18);
        assert_eq!(age(birth, date(2026, 3, 1)), 18);
        assert_eq!(day_reaching(birth, 18), Some(date(2026, 2, 28)));
        assert_eq!(day_reaching(birth, 20), Some(date(2028, 2, 28)));
    }

    #[test]
    fn before_birth_the_age_is_zero() {
        assert_eq!(age(date(2026, 1, 1), date(2020, 1, 1)), 0);
    }
}
