//! Choices and consents.

use super::page::Judge;
use super::reader::Reader;
use super::{Code, Context, pool};
use crate::forms::compiled::CompiledField;
use crate::forms::definition::Multi;
use crate::forms::inputs;

/// Reads one choice.
pub(super) fn read_one(reader: &mut Reader<'_>) {
    let id = &reader.field.id;
    let Some(code) = reader.line(id) else { return };
    let known = inputs::options(reader.field).iter().any(|option| option.code == code);
    // A value that is no option at all comes from no honest page and is not kept.
    reader.keep(id, if known { code.as_str() } else { "" });
    if !known {
        reader.fault(id, Code::NotOffered, &[("option", String::new())]);
    }
}

/// Reads several choices, in the order of the options.
pub(super) fn read_some(reader: &mut Reader<'_>, kind: &Multi) {
    let id = &reader.field.id;
    let typed: Vec<&String> =
        reader.raw.get(id).unwrap_or(&[]).iter().filter(|v| !v.is_empty()).collect();
    let chosen: Vec<String> =
        kind.options.iter().map(|o| &o.code).filter(|code| typed.contains(code)).cloned().collect();
    let unknown = typed.iter().any(|v| !kind.options.iter().any(|option| option.code == **v));
    let count = chosen.len();
    reader.answers.put(id.as_str(), chosen);
    if unknown {
        return reader.fault(id, Code::NotOffered, &[("option", String::new())]);
    }
    if count > 0 && count < kind.min as usize {
        reader.fault(id, Code::TooFewPicks, &[("min", kind.min.to_string())]);
    }
    if let Some(max) = kind.max.filter(|max| count > *max as usize) {
        reader.fault(id, Code::TooManyPicks, &[("max", max.to_string())]);
    }
}

/// Reads a consent: `yes` or nothing.
pub(super) fn read_consent(reader: &mut Reader<'_>) {
    let id = &reader.field.id;
    let agreed = reader.line(id).is_some();
    reader.keep(id, if agreed { "yes" } else { "" });
}

/// Options that are not offered now, or full (NF-49).
pub(super) fn offered(compiled: &CompiledField, judge: &mut Judge<'_>, context: &Context<'_>) {
    let id = &judge.field.id;
    let chosen = judge.scope.answers.get(id).unwrap_or(&[]);
    for (n, option) in inputs::options(judge.field).iter().enumerate() {
        if !chosen.contains(&option.code) {
            continue;
        }
        let label = [("option", option.label.ja().to_owned())];
        if !compiled.offers(n, &judge.scope) {
            judge.fault(id, Code::NotOffered, &label);
        } else if option.capacity.is_some() && context.full.contains(&pool(id, &option.code)) {
            judge.fault(id, Code::Full, &label);
        }
    }
}
