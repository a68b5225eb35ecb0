//! Days in both calendars, stored as ISO text.

use std::fmt::Display;

use jiff::civil::Date;

use super::Code;
use super::page::Judge;
use super::reader::Reader;
use crate::calendar::{
    self, DateFault, DateParts, PartialDate, read_date, read_date_parts, read_partial_date,
    read_partial_date_parts, read_time,
};
use crate::forms::definition::DateKind;
use crate::forms::expr::{Expr, Scope};
use crate::forms::inputs::{DATE_PARTS, TIME};
use crate::forms::{Answers, Opening};

/// Reads a day, as far as it is known or with its time where the question says so.
pub(super) fn read(reader: &mut Reader<'_>, kind: &DateKind) {
    if kind.partial {
        return read_as(reader, read_partial_date_parts, read_partial_date, Code::GapInDate);
    }
    if !kind.time {
        return read_day(reader);
    }
    let id = &reader.field.id;
    let part = reader.part(TIME);
    // As it is stored.
    if let Some(known) = reader.raw.first(id).and_then(Opening::parse) {
        return reader.keep(id, known.code());
    }
    read_day(reader);
    let day = reader.answers.first(id).and_then(|day| day.parse::<Date>().ok());
    let nothing = reader.answers.first(id).is_none() && reader.faults.is_empty();
    let Some(typed) = reader.line(&part) else {
        let (readable, empty) = (reader.faults.is_empty(), !reader.answers.answered(&part));
        about(reader, &part);
        if empty {
            reader.answers.remove(&part);
        }
        if day.is_some() && readable {
            reader.fault(id, Code::PartialDateTime, &[]);
        }
        return;
    };
    reader.keep(&part, typed.as_str());
    match (day, read_time(&typed)) {
        (Some(day), Some(minutes)) => {
            reader.answers = Answers::new();
            reader.keep(id, Opening { day, minutes }.code());
        }
        (Some(_), None) => reader.fault(id, Code::NotTime, &[]),
        (None, _) if nothing => reader.fault(id, Code::PartialDateTime, &[]),
        (None, _) => {}
    }
}

/// The whole date is the place to look at, whichever part it was.
fn about(reader: &mut Reader<'_>, part: &str) {
    let id = &reader.field.id;
    for fault in reader.faults.iter_mut().filter(|fault| fault.input == part) {
        fault.input.clone_from(id);
    }
}

/// Reads a whole day.
fn read_day(reader: &mut Reader<'_>) {
    read_as(reader, read_date_parts, read_date, Code::PartialDate);
}

type InParts<T> = fn(DateParts<'_>) -> Result<T, DateFault>;
type InText<T> = fn(&str) -> Result<T, DateFault>;

/// Reads a date from its parts, or from one text; `gap` says that a part it needs is missing.
fn read_as<T: Display>(
    reader: &mut Reader<'_>,
    in_parts: InParts<T>,
    in_text: InText<T>,
    gap: Code,
) {
    let id = &reader.field.id;
    let parts: Vec<_> = DATE_PARTS.iter().map(|part| reader.part(part)).collect();
    let typed_in_parts = parts.iter().any(|part| reader.raw.shown(part));
    let read = if typed_in_parts {
        from_parts(reader, &parts, in_parts)
    } else {
        from_text(reader, in_text)
    };
    match read {
        None => {}
        Some(Ok(date)) => {
            reader.answers = Answers::new();
            reader.keep(id, date.to_string());
        }
        Some(Err(fault)) => tell(reader, fault, gap),
    }
}

/// `None` when nothing is typed or a part has a fault of its own. The era alone is nothing typed:
/// a list may come with one chosen.
fn from_parts<T>(
    reader: &mut Reader<'_>,
    parts: &[String],
    read: InParts<T>,
) -> Option<Result<T, DateFault>> {
    let typed = keep_parts(reader, parts);
    if !reader.faults.is_empty() {
        // The whole date is the place to look at, whichever part it was.
        let id = &reader.field.id;
        for fault in &mut reader.faults {
            fault.input.clone_from(id);
        }
        return None;
    }
    let [era, year, month, day] = [&typed[0], &typed[1], &typed[2], &typed[3]];
    if [year, month, day].iter().all(|part| part.is_empty()) {
        reader.answers = Answers::new();
        reader.keep(&reader.field.id, "");
        return None;
    }
    Some(read(DateParts { era, year, month, day }))
}

/// What was typed into the parts. Each stands there again, also beside one that has a fault.
fn keep_parts(reader: &mut Reader<'_>, parts: &[String]) -> Vec<String> {
    let mut typed = Vec::new();
    for part in parts {
        let line = reader.line(part);
        if let Some(line) = &line {
            reader.keep(part, line.as_str());
        }
        typed.push(line.unwrap_or_default());
    }
    typed
}

fn from_text<T>(reader: &mut Reader<'_>, read: InText<T>) -> Option<Result<T, DateFault>> {
    let typed = reader.line(&reader.field.id)?;
    reader.keep(&reader.field.id, typed.as_str());
    Some(read(&typed))
}

fn tell(reader: &mut Reader<'_>, fault: DateFault, gap: Code) {
    let id = &reader.field.id;
    match fault {
        DateFault::NotDate => reader.fault(id, Code::NotDate, &[]),
        DateFault::Partial => reader.fault(id, gap, &[]),
        DateFault::NoSuchDay(typed) => reader.fault(id, Code::NoSuchDay, &[("typed", typed)]),
        DateFault::WrongEra { typed, right } => {
            reader.fault(id, Code::WrongEra, &[("typed", typed), ("right", right)]);
        }
    }
}

/// Reads a month from its parts, or from one text.
pub(super) fn read_month(reader: &mut Reader<'_>) {
    let id = &reader.field.id;
    let parts: Vec<_> = DATE_PARTS[..3].iter().map(|part| reader.part(part)).collect();
    let typed_in_parts = parts.iter().any(|part| reader.raw.shown(part));
    let read = if typed_in_parts {
        let typed = keep_parts(reader, &parts);
        for fault in &mut reader.faults {
            fault.input.clone_from(id);
        }
        let [era, year, month] = [&typed[0], &typed[1], &typed[2]];
        if year.is_empty() && month.is_empty() && reader.faults.is_empty() {
            reader.answers = Answers::new();
            return reader.keep(id, "");
        }
        calendar::read_month_parts(era, year, month)
    } else {
        let Some(typed) = reader.line(id) else { return };
        reader.keep(id, typed.as_str());
        calendar::read_month(&typed)
    };
    if !reader.faults.is_empty() {
        return;
    }
    match read {
        Ok(first) => {
            reader.answers = Answers::new();
            reader.keep(id, first.strftime("%Y-%m").to_string());
        }
        Err(DateFault::Partial) => reader.fault(id, Code::PartialMonth, &[]),
        Err(DateFault::NotDate | DateFault::NoSuchDay(_) | DateFault::WrongEra { .. }) => {
            reader.fault(id, Code::NotMonth, &[]);
        }
    }
}

/// The first day and the last, as they are written.
pub(super) type Limits<'l> = (Option<&'l Expr>, Option<&'l Expr>);

/// The limits as days. A correction is judged by the day the application was sent on, but what was
/// to come then must be to come now as well, and the last day goes on with the days.
fn days_of(scope: &Scope<'_>, (low, high): Limits<'_>, now: Date) -> [Option<Date>; 2] {
    let first = |today: Date| low?.value(&Scope { today, ..*scope }).days();
    let past = first(scope.today).filter(|(first, _)| *first < scope.today);
    let later = now.max(scope.today);
    let min = past.or_else(|| first(later));
    let max = high.and_then(|high| high.value(&Scope { today: later, ..*scope }).days());
    [min.map(|(min, _)| min), max.map(|(_, max)| max)]
}

/// The limits, when there is a month.
pub(super) fn month_limits(judge: &mut Judge<'_>, limits: Limits<'_>, now: Date) {
    let id = &judge.field.id;
    let first = judge.scope.answers.first(id).and_then(calendar::month);
    let Some(first) = first.filter(|_| judge.faulty.is_empty()) else { return };
    let [min, max] = days_of(&judge.scope, limits, now).map(|day| Some(day?.first_of_month()));
    if let Some(min) = min.filter(|min| first < *min) {
        judge.fault(id, Code::MonthTooEarly, &limit_args("min", calendar::both_month(min), min));
    } else if let Some(max) = max.filter(|max| first > *max) {
        judge.fault(id, Code::MonthTooLate, &limit_args("max", calendar::both_month(max), max));
    }
}

/// The limits, when there is a day. What is known in part is refused when none of its days is within
/// them.
pub(super) fn limits(judge: &mut Judge<'_>, limits: Limits<'_>, now: Date) {
    let id = &judge.field.id;
    let known = judge.scope.answers.first(id);
    let known = known.and_then(|text| PartialDate::parse(text.split('T').next()?));
    let Some(known) = known.filter(|_| judge.faulty.is_empty()) else { return };
    let (first, last) = known.days();
    let [min, max] = days_of(&judge.scope, limits, now);
    if let Some(min) = min.filter(|min| last < *min) {
        judge.fault(id, Code::TooEarly, &limit_args("min", calendar::both(min), min));
    } else if let Some(max) = max.filter(|max| first > *max) {
        judge.fault(id, Code::TooLate, &limit_args("max", calendar::both(max), max));
    }
}

/// A limit as it is said in Japanese, and as `min_day` or `max_day` for other languages.
fn limit_args(name: &'static str, said: String, day: Date) -> [(&'static str, String); 2] {
    let iso = if name == "min" { "min_day" } else { "max_day" };
    [(name, said), (iso, day.to_string())]
}
