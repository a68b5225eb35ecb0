//! Choices and consents.

use super::page::Judge;
use super::reader::Reader;
use super::{Code, Context, pool};
use crate::digits::holds_my_number;
use crate::forms::Answers;
use crate::forms::compiled::CompiledField;
use crate::forms::definition::{ChoiceOption, Multi};
use crate::forms::inputs::{self, OTHER};
use crate::text::{graphemes, narrow};

/// Most characters of what is written beside an option.
const MAX: usize = 200;

/// Reads one choice, and what is written beside it.
pub(super) fn read_one(reader: &mut Reader<'_>) {
    read_code(reader);
    read_other(reader);
}

fn read_code(reader: &mut Reader<'_>) {
    let id = &reader.field.id;
    let Some(code) = reader.line(id) else { return };
    let known = inputs::options(reader.field).iter().any(|option| option.code == code);
    // A value that is no option at all comes from no honest page and is not kept.
    reader.keep(id, if known { code.as_str() } else { "" });
    if !known {
        reader.fault(id, Code::NotOffered, &[("option", String::new())]);
    }
}

/// Reads several choices, in the order of the options or in the order somebody put them in.
pub(super) fn read_some(reader: &mut Reader<'_>, kind: &Multi) {
    if kind.ranked {
        read_ranks(reader, kind);
    } else {
        read_codes(reader, kind);
    }
    read_other(reader);
}

fn read_codes(reader: &mut Reader<'_>, kind: &Multi) {
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
    so_many(reader, kind, count);
}

/// Reads the rank of each option, or the order itself. Ranks left out close up: what counts is the order.
fn read_ranks(reader: &mut Reader<'_>, kind: &Multi) {
    let id = &reader.field.id;
    let parts: Vec<(&ChoiceOption, String)> =
        kind.options.iter().map(|option| (option, reader.part(&option.code))).collect();
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    if parts.iter().any(|(_, part)| reader.raw.shown(part)) {
        for (option, part) in &parts {
            let Some(typed) = reader.line(part) else { continue };
            reader.keep(part, typed.as_str());
            match narrow(&typed).parse::<usize>() {
                Ok(rank) if (1..=kind.options.len()).contains(&rank) => {
                    ranked.push((rank, &option.code));
                }
                Ok(_) | Err(_) => {
                    reader.keep(part, "");
                    reader.fault(part, Code::NotOffered, &[("option", String::new())]);
                }
            }
        }
    } else {
        for (n, code) in reader.raw.get(id).unwrap_or(&[]).iter().enumerate() {
            match kind.options.iter().find(|option| option.code == *code) {
                Some(option) if ranked.iter().any(|(_, known)| *known == option.code) => {}
                Some(option) => ranked.push((n, &option.code)),
                None if code.is_empty() => {}
                None => reader.fault(id, Code::NotOffered, &[("option", String::new())]),
            }
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    if let Some(twice) = ranked.windows(2).find(|two| two[0].0 == two[1].0) {
        let rank = [("rank", twice[0].0.to_string())];
        reader.keep(id, "");
        return reader.fault(id, Code::RankTwice, &rank);
    }
    let count = ranked.len();
    let codes = ranked.into_iter().map(|(_, code)| code.to_owned()).collect();
    if reader.faults.is_empty() {
        reader.answers = Answers::new();
    }
    reader.answers.put(id.as_str(), codes);
    so_many(reader, kind, count);
}

/// Reads what is written beside an option; without the option it is nobody's answer.
fn read_other(reader: &mut Reader<'_>) {
    let Some(code) = inputs::other(reader.field) else { return };
    let id = &reader.field.id;
    let part = reader.part(OTHER);
    let chosen = reader.answers.get(id).is_some_and(|codes| codes.iter().any(|one| one == code));
    let Some(typed) = reader.line(&part) else { return };
    reader.keep(&part, typed.as_str());
    if !chosen {
        let label = inputs::options(reader.field).iter().find(|option| option.code == code);
        let label = label.map_or("", |option| option.label.ja()).to_owned();
        reader.fault(&part, Code::OtherNotChosen, &[("option", label)]);
    } else if graphemes(&typed) > MAX {
        let count = graphemes(&typed).to_string();
        reader.fault(&part, Code::TooLong, &[("max", MAX.to_string()), ("count", count)]);
    } else if holds_my_number(&typed) {
        reader.fault(&part, Code::MyNumber, &[]);
    }
}

/// The option is chosen and nothing is written beside it.
pub(super) fn written(judge: &mut Judge<'_>) {
    let Some(code) = inputs::other(judge.field) else { return };
    let (id, answers) = (&judge.field.id, judge.scope.answers);
    let part = format!("{id}.{OTHER}");
    let chosen = answers.get(id).is_some_and(|codes| codes.iter().any(|one| one == code));
    if chosen && !answers.answered(&part) && !judge.faulty.contains(&part) {
        let label = inputs::options(judge.field).iter().find(|option| option.code == code);
        let label = label.map_or("", |option| option.label.ja()).to_owned();
        judge.fault(&part, Code::RequiredOther, &[("option", label)]);
    }
}

/// Too few or too many picks.
fn so_many(reader: &mut Reader<'_>, kind: &Multi, count: usize) {
    let id = &reader.field.id;
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
