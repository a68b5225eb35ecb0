//! One value in a cell, and back.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::plan::Shape;
use super::{FaultCode, Words};
use crate::forms::tables::said;
use crate::ids::DepartmentId;

/// Stands for the empty text among several.
const NOTHING: &str = "-";

/// What the cell of a property shows; empty for nothing. Texts in several languages have a cell
/// for each, so only Japanese is here.
pub(super) fn shown(path: &str, shape: Shape, value: Option<&Value>, words: &dyn Words) -> String {
    let Some(value) = value else {
        let never = shape == Shape::Required;
        return if never { word(words, path, "false") } else { String::new() };
    };
    let text = said(value);
    match shape {
        Shape::Text | Shape::Key | Shape::Words | Shape::Whole(_) | Shape::Bound | Shape::Day => {
            text
        }
        Shape::Flag | Shape::Required if value.is_boolean() => word(words, path, &text),
        Shape::Flag | Shape::Required => text,
        Shape::Code(_) => word(words, path, &text),
        Shape::Codes(_) => {
            lines(&text).map(|code| word(words, path, code)).collect::<Vec<_>>().join("\n")
        }
        Shape::MaybeLines if value.as_array().is_some_and(Vec::is_empty) => {
            word(words, path, "none")
        }
        Shape::MaybeLines => {
            let marked = |line: &'_ str| if line.is_empty() { NOTHING } else { line }.to_owned();
            text.split('\n').map(marked).collect::<Vec<_>>().join("\n")
        }
        Shape::Lines => text,
        Shape::Moment => text.parse().map_or(text, moment),
        Shape::Department => named(&text, words),
        Shape::Departments => {
            lines(&text).map(|id| named(id, words)).collect::<Vec<_>>().join("\n")
        }
        Shape::Window => match value.get("days") {
            Some(days) => days.to_string(),
            None => word(words, path, &text),
        },
    }
}

fn named(department: &str, words: &dyn Words) -> String {
    words.department(department).unwrap_or_else(|| department.to_owned())
}

fn word(words: &dyn Words, path: &str, code: &str) -> String {
    words.value(path, code).unwrap_or_else(|| code.to_owned())
}

fn japan() -> TimeZone {
    TimeZone::fixed(Offset::constant(9))
}

fn moment(at: Timestamp) -> String {
    if at.subsec_nanosecond() == 0 && at.as_second() % 60 == 0 {
        at.to_zoned(japan()).strftime("%Y-%m-%d %H:%M").to_string()
    } else {
        at.to_string()
    }
}

fn department(text: &str, words: &dyn Words) -> Result<Value, FaultCode> {
    words
        .department_id(text)
        .or_else(|| DepartmentId::parse(text).ok().map(String::from))
        .map(Value::from)
        .ok_or(FaultCode::NotDepartment)
}

/// Reads a cell that is not empty.
pub(super) fn read(
    path: &str,
    shape: Shape,
    text: &str,
    words: &dyn Words,
) -> Result<Value, FaultCode> {
    let bare = text.trim();
    let code = |codes: &[&str], text: &str| {
        let meant =
            |code: &&&str| words.value(path, code).as_deref() == Some(text) || **code == text;
        codes.iter().find(meant).map(|code| (*code).to_owned()).ok_or(FaultCode::NotChoice)
    };
    match shape {
        Shape::Text | Shape::Words => Ok(json!(text)),
        Shape::Key => Ok(json!(bare)),
        Shape::Whole(most) => match whole(bare) {
            Some(number) if (0..=most.cast_signed()).contains(&number) => Ok(json!(number)),
            Some(_) | None => Err(FaultCode::NotNumber),
        },
        Shape::Bound => Ok(whole(bare).map_or_else(|| json!(text), |number| json!(number))),
        Shape::Flag => code(&["true", "false"], bare).map(|code| json!(code == "true")),
        Shape::Required => match code(&["true", "false"], bare).as_deref() {
            Ok("true") => Ok(json!(true)),
            Ok(_) => Ok(Value::Null),
            Err(_) => Ok(json!(text)),
        },
        Shape::Code(codes) => code(codes, bare).map(Value::from),
        Shape::Codes(codes) => {
            let lines = lines(text).map(|line| code(codes, line.trim()).map(Value::from));
            lines.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Shape::MaybeLines if words.value(path, "none").as_deref() == Some(bare) => Ok(json!([])),
        Shape::MaybeLines => {
            let marked = |line| if line == NOTHING { "" } else { line };
            Ok(json!(lines(text).map(|line| marked(line.trim())).collect::<Vec<_>>()))
        }
        Shape::Lines => Ok(json!(lines(text).collect::<Vec<_>>())),
        Shape::Day => day(bare).map(|day| json!(day)).ok_or(FaultCode::NotDay),
        Shape::Moment => at(bare).map(|at| json!(at)).ok_or(FaultCode::NotMoment),
        Shape::Department => department(bare, words),
        Shape::Departments => {
            let all = lines(text).map(|line| department(line.trim(), words));
            all.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Shape::Window => match whole(bare) {
            Some(days) if (0..=i64::from(u16::MAX)).contains(&days) => Ok(json!({"days": days})),
            Some(_) => Err(FaultCode::NotNumber),
            None => code(&["ever", "fiscal_year"], bare).map(Value::from),
        },
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.trim_end_matches('\r')).filter(|line| !line.trim().is_empty())
}

/// A whole number, also as a spreadsheet stores one: `3.0`.
fn whole(text: &str) -> Option<i64> {
    let digits = crate::text::narrow(text);
    let digits = digits.strip_suffix(".0").unwrap_or(&digits);
    digits.parse().ok()
}

/// `2026-04-01`, `2026/4/1`, or the number of the day a spreadsheet keeps.
fn day(text: &str) -> Option<Date> {
    if let Ok(serial) = text.parse::<f64>() {
        return serial_day(serial).map(|(day, _)| day);
    }
    let text = text.replace('/', "-");
    Date::strptime("%Y-%m-%d", &text).ok()
}

fn at(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let clock = match text.parse::<f64>() {
        Ok(serial) => {
            let (day, minutes) = serial_day(serial)?;
            day.to_datetime(jiff::civil::Time::midnight())
                .checked_add(Span::new().minutes(minutes))
                .ok()?
        }
        Err(_) => {
            let text = text.replace('/', "-").replace('T', " ");
            let whole_day = || Date::strptime("%Y-%m-%d", &text).map(DateTime::from);
            DateTime::strptime("%Y-%m-%d %H:%M", &text).or_else(|_| whole_day()).ok()?
        }
    };
    clock.to_zoned(japan()).ok().map(|zoned| zoned.timestamp())
}

/// Days since the end of 1899, as spreadsheets count them, and the minutes of the day.
fn serial_day(serial: f64) -> Option<(Date, i64)> {
    if !(1.0..200_000.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it lies between the bounds above")]
    let (days, minutes) = (serial.trunc() as i64, (serial.fract() * 1_440.0).round() as i64);
    let first = Date::constant(1899, 12, 30);
    Some((first.checked_add(Span::new().days(days)).ok()?, minutes))
}
