//! 日時の枠: a day, then a time of it.

use jiff::civil::Date;

use super::page::Judge;
use super::reader::Reader;
use super::{Code, Context, pool};
use crate::forms::compiled::CompiledField;
use crate::forms::definition::{FieldKind, Lang};
use crate::forms::inputs::SLOT_DAY;
use crate::forms::openings::Opening;

/// Reads a day and time. A page sends both what was chosen and the day it shows: what was chosen on
/// another day than the one somebody went to is not meant any more.
pub(super) fn read(reader: &mut Reader<'_>, compiled: &CompiledField) {
    let id = &reader.field.id;
    let part = reader.part(SLOT_DAY);
    let day = reader.line(&part).and_then(|day| day.parse().ok());
    reader.answers.remove(&part);
    let Some(typed) = reader.line(id) else {
        return elsewhere(reader, day);
    };
    let openings = compiled.openings.as_ref();
    let known = |one: &Opening| openings.is_some_and(|all| all.closes(*one).is_some());
    match Opening::parse(&typed) {
        Some(one) if day.is_some_and(|day| day != one.day) => elsewhere(reader, day),
        Some(one) if known(&one) => reader.keep(id, one.code()),
        // What no calendar offers comes from no page of ours, or from an older revision.
        Some(_) | None => {
            reader.keep(id, "");
            reader.fault(id, Code::SlotUnknown, &[]);
        }
    }
}

/// A day without a time of it; nothing at all without a day.
fn elsewhere(reader: &mut Reader<'_>, day: Option<Date>) {
    let id = &reader.field.id;
    reader.keep(id, "");
    let Some(day) = day else { return };
    let part = reader.part(SLOT_DAY);
    reader.keep(&part, day.to_string());
    let told = Opening { day, minutes: 0 }.day_told(Lang::Ja);
    reader.fault(id, Code::SlotTime, &[("day", told), ("day_slot", day.to_string())]);
}

/// One that is past, too late to choose, or full (NF-49); what the application holds is its own.
pub(super) fn offered(compiled: &CompiledField, judge: &mut Judge<'_>, context: &Context<'_>) {
    let FieldKind::Slot(kind) = &judge.field.kind else { return };
    let id = &judge.field.id;
    let chosen = judge.scope.answers.first(id).and_then(Opening::parse);
    let (Some(opening), Some(openings)) = (chosen, &compiled.openings) else { return };
    let pool = pool(id, &opening.code());
    if context.own.contains(&pool) {
        return;
    }
    let told = [("option", opening.told(kind.minutes, Lang::Ja)), ("option_slot", opening.code())];
    if openings.closes(opening).is_none_or(|closes| context.now >= closes) {
        judge.fault(id, Code::SlotPast, &told);
    } else if context.full.contains(&pool) {
        judge.fault(id, Code::SlotFull, &told);
    }
}
