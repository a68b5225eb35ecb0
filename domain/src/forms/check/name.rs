//! Names: kanji stay as they are, フリガナ becomes full-width katakana.

use super::Code;
use super::page::Judge;
use super::reader::Reader;
use crate::forms::definition::{Furigana, NameKind};
use crate::text::{graphemes, hira_to_kata, is_katakana, mend_long_marks, widen_kana};

/// Most characters of one part.
const MAX: usize = 60;

/// Reads the parts of a name.
pub(super) fn read(reader: &mut Reader<'_>, kind: &NameKind) {
    let single = kind.single && reader.line(&reader.part("single")).is_some();
    if kind.single {
        reader.keep(&reader.part("single"), if single { "yes" } else { "" });
    }
    written(reader, "family");
    if !single {
        written(reader, "given");
    }
    if kind.furigana != Furigana::None {
        reading(reader, "family_kana");
        if !single {
            reading(reader, "given_kana");
        }
    }
}

fn written(reader: &mut Reader<'_>, part: &str) {
    let input = reader.part(part);
    let Some(typed) = reader.line(&input) else { return };
    match widen_kana(&typed) {
        Ok(text) => {
            reader.keep(&input, text.as_str());
            length(reader, &input, &text);
        }
        Err(_) => {
            reader.keep(&input, typed);
            reader.fault(&input, Code::BrokenKana, &[]);
        }
    }
}

fn reading(reader: &mut Reader<'_>, part: &str) {
    let input = reader.part(part);
    let Some(typed) = reader.line(&input) else { return };
    let Ok(wide) = widen_kana(&typed) else {
        reader.keep(&input, typed);
        return reader.fault(&input, Code::BrokenKana, &[]);
    };
    let kana = hira_to_kata(&mend_long_marks(&wide)).replace(' ', "　");
    reader.keep(&input, kana.as_str());
    let mut foreign = String::new();
    for c in kana.chars().filter(|c| !is_katakana(*c) && *c != '　') {
        if !foreign.contains(c) && foreign.chars().count() < 10 {
            foreign.push(c);
        }
    }
    if foreign.is_empty() {
        length(reader, &input, &kana);
    } else {
        reader.fault(&input, Code::NotKata, &[("chars", foreign)]);
    }
}

fn length(reader: &mut Reader<'_>, input: &str, text: &str) {
    let count = graphemes(text);
    if count > MAX {
        let args = [("max", MAX.to_string()), ("count", count.to_string())];
        reader.fault(input, Code::TooLong, &args);
    }
}

/// What is missing. A name that is begun must be complete, also where it is not required.
pub(super) fn complete(judge: &mut Judge<'_>, kind: &NameKind, required: bool) {
    let id = &judge.field.id;
    let answered = |part: &str| judge.scope.answers.answered(&format!("{id}.{part}"));
    let begun = ["family", "given", "family_kana", "given_kana"].into_iter().any(answered);
    if !required && !begun {
        return;
    }
    let single = answered("single");
    let kana = kind.furigana == Furigana::Required && !is_latin(judge);
    let needed = [
        ("family", true, Code::RequiredFamily),
        ("given", !single, Code::RequiredGiven),
        ("family_kana", kana, Code::RequiredFamilyKana),
        ("given_kana", kana && !single, Code::RequiredGivenKana),
    ];
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(part, needed, _)| *needed && !answered(part))
        .map(|(part, _, code)| (format!("{id}.{part}"), code))
        .collect();
    for (input, code) in missing {
        if !judge.faulty.contains(&input) {
            judge.fault(&input, code, &[]);
        }
    }
}

/// A name in Latin letters has no フリガナ.
fn is_latin(judge: &Judge<'_>) -> bool {
    let answers = judge.scope.answers;
    let id = &judge.field.id;
    let latin = |part: &str| {
        answers
            .first(&format!("{id}.{part}"))
            .is_none_or(|text| text.chars().all(|c| c <= '\u{24F}' || c == '　' || c == '\u{2019}'))
    };
    answers.answered(&format!("{id}.family")) && latin("family") && latin("given")
}
