//! Eras, fiscal years, holidays, open days and age. Days are days in Japan.

mod age;
mod era;
mod holidays;
mod japan;
mod time;
mod told;
mod typed;

pub use age::{age, age_at_end_of, day_reaching};
pub use era::{Era, Wareki};
pub use holidays::{BadDay, OfficeDays, is_holiday};
pub use japan::{date_in_japan, end_of_day_in_japan, fiscal_year, rfc3339_in_japan, time_in_japan};
pub use time::{read_time, written_time};
pub use told::{told, told_month};
pub use typed::{
    DateFault, DateParts, month, read_date, read_date_parts, read_month, read_month_parts,
};

use jiff::civil::Date;

/// `2026年11月20日`.
#[must_use]
pub fn western(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// `令和8年11月（2026年11月）`; the era of its last day.
#[must_use]
pub fn both_month(date: Date) -> String {
    let western = format!("{}年{}月", date.year(), date.month());
    Wareki::of(date.last_of_month()).map_or_else(
        || western.clone(),
        |w| {
            let year = if w.year == 1 { "元".to_owned() } else { w.year.to_string() };
            format!("{}{year}年{}月（{western}）", w.era.name(), w.month)
        },
    )
}

/// `令和8年11月20日（2026年11月20日）`: never an era without the western year.
#[must_use]
pub fn both(date: Date) -> String {
    Wareki::of(date).map_or_else(|| western(date), |w| format!("{w}（{}）", western(date)))
}
