//! Eras, fiscal years, holidays, open days and age. Days are days in Japan.

mod age;
mod era;
mod holidays;
mod japan;
mod partial;
mod time;
mod told;
mod typed;

pub use age::{age, age_at_end_of, day_reaching};
pub use era::{Era, Wareki};
pub use holidays::{BadDay, OfficeDays, is_holiday};
pub use japan::{date_in_japan, end_of_day_in_japan, fiscal_year, rfc3339_in_japan, time_in_japan};
pub use partial::{PartialDate, read_partial_date, read_partial_date_parts};
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

/// `令和8年11月（2026年11月）`; a month in which an era changes in both: `昭和64年・平成元年1月（1989年1月）`.
#[must_use]
pub fn both_month(date: Date) -> String {
    let western = format!("{}年{}月", date.year(), date.month());
    match era_years(date.first_of_month(), date.last_of_month()) {
        years if years.is_empty() => western,
        years => format!("{years}{}月（{western}）", date.month()),
    }
}

/// `令和8年（2026年）`; a year in which an era changes in both: `昭和64年・平成元年（1989年）`.
#[must_use]
pub fn both_year(date: Date) -> String {
    let western = format!("{}年", date.year());
    match era_years(date.first_of_year(), date.last_of_year()) {
        years if years.is_empty() => western,
        years => format!("{years}（{western}）"),
    }
}

/// The years in 和暦 of the first and the last day; empty before 明治.
fn era_years(first: Date, last: Date) -> String {
    let ends = [first, last].into_iter().filter_map(Wareki::of);
    let mut years: Vec<String> = ends.map(Wareki::named_year).collect();
    years.dedup();
    years.join("・")
}

/// `令和8年11月20日（2026年11月20日）`: never an era without the western year.
#[must_use]
pub fn both(date: Date) -> String {
    Wareki::of(date).map_or_else(|| western(date), |w| format!("{w}（{}）", western(date)))
}
