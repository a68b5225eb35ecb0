//! Faults in words: one text per code in `texts/ja/forms.toml`.

use std::collections::HashMap;
use std::fmt::Display;

use domain::calendar;
use domain::forms::definition::Lang;
use domain::forms::{Code, Fault, Opening};

use crate::reader;
use crate::texts::TEXTS;

/// The words for one fault.
pub(crate) fn text(fault: &Fault) -> String {
    let args: Vec<(&str, String)> =
        fault.args.iter().map(|(name, value)| (*name, said(fault, name, value))).collect();
    let shown: Vec<(&str, &dyn Display)> =
        args.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    TEXTS.fill(fault.key(), &shown)
}

/// An argument in the reader's language: limits that are days are told without eras.
fn said(fault: &Fault, name: &str, value: &str) -> String {
    let lang = reader::lang();
    let day = fault.args.get(format!("{name}_day").as_str()).and_then(|day| day.parse().ok());
    match day {
        Some(day) if matches!(fault.code, Code::MonthTooEarly | Code::MonthTooLate) => {
            calendar::told_month(day, lang)
        }
        Some(day) => calendar::told(day, lang),
        None => slot_told(fault, name, lang).unwrap_or_else(|| readable(name, value)),
    }
}

/// A day, or a day and time of a calendar.
fn slot_told(fault: &Fault, name: &str, lang: Lang) -> Option<String> {
    let code = fault.args.get(format!("{name}_slot").as_str())?;
    match Opening::parse(code) {
        Some(opening) => Some(opening.told(0, lang)),
        None => Some(Opening { day: code.parse().ok()?, minutes: 0 }.day_told(lang)),
    }
}

/// An argument that lists catalogue keys is shown as their texts.
fn readable(name: &str, value: &str) -> String {
    if name != "kinds" {
        return value.to_owned();
    }
    value
        .split([',', ' '])
        .filter(|key| !key.is_empty())
        .map(|key| TEXTS.get(key).unwrap_or(key))
        .collect::<Vec<_>>()
        .join(TEXTS.text("forms.list_separator"))
}

/// The first fault of each input, in words.
pub(crate) fn by_input(faults: &[Fault]) -> HashMap<String, String> {
    let mut words = HashMap::new();
    for fault in faults {
        words.entry(fault.input.clone()).or_insert_with(|| text(fault));
    }
    words
}
