//! Times of day.

use super::Code;
use super::page::Judge;
use super::reader::Reader;
use crate::calendar::{read_time, written_time};
use crate::forms::definition::TimeKind;
use crate::forms::expr::{Decimal, Expr};

/// Reads a time.
pub(super) fn read(reader: &mut Reader<'_>, kind: &TimeKind) {
    let id = &reader.field.id;
    let Some(typed) = reader.line(id) else { return };
    let Some(minutes) = read_time(&typed) else {
        reader.keep(id, typed);
        return reader.fault(id, Code::NotTime, &[]);
    };
    reader.keep(id, written_time(minutes));
    if kind.step > 0 && !u32::from(minutes).is_multiple_of(kind.step) {
        reader.fault(id, Code::TimeStep, &[("step", kind.step.to_string())]);
    }
}

/// The limits, when there is a time. One that is known in part refuses only what is surely beyond it.
pub(super) fn limits(judge: &mut Judge<'_>, low: Option<&Expr>, high: Option<&Expr>) {
    let id = &judge.field.id;
    let time = judge.scope.answers.first(id).and_then(read_time);
    let Some(time) = time.filter(|_| judge.faulty.is_empty()) else { return };
    let scope = judge.scope;
    let [min, max] = [low, high].map(|limit| limit?.value(&scope).numbers());
    let minutes = |limit: Decimal| limit.as_whole().and_then(|minutes| u16::try_from(minutes).ok());
    let (min, max) = (min.and_then(|(min, _)| minutes(min)), max.and_then(|(_, max)| minutes(max)));
    if let Some(min) = min.filter(|min| time < *min) {
        judge.fault(id, Code::TimeTooEarly, &[("min", written_time(min))]);
    } else if let Some(max) = max.filter(|max| time > *max) {
        judge.fault(id, Code::TimeTooLate, &[("max", written_time(max))]);
    }
}
