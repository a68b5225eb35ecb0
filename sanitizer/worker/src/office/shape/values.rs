//! From characters to values.

use sanitizer_intermediate::office::grammar::Kind;
use sanitizer_intermediate::office::{Field, Formula, Value, Verb};

/// The value these characters stand for, when they are of that kind.
pub(super) fn read(kind: &Kind, text: &str) -> Option<Value> {
    let value = match kind {
        Kind::Bool => Value::Int(yes_or_no(text.trim())?),
        Kind::Int | Kind::Uint => Value::Int(whole(text.trim())?),
        Kind::Number => Value::Number(text.trim().parse().ok()?),
        Kind::Measure | Kind::Percent => match text.trim().parse() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Text(text.trim().to_owned()),
        },
        Kind::Hex(_) | Kind::Colour | Kind::Word | Kind::Guid | Kind::Cells | Kind::Guide => {
            Value::Text(text.trim().to_owned())
        }
        Kind::OneOf(words) => {
            let at = words.iter().position(|it| it == text.trim())?;
            Value::Token(u16::try_from(at).ok()?)
        }
        Kind::Text(_) => Value::Text(text.to_owned()),
        Kind::Field => Value::Field(field(text)?),
        Kind::Formula => Value::Formula(Formula::new(text.trim()).ok()?),
        Kind::Image | Kind::Chart | Kind::Story | Kind::Link | Kind::Count => return None,
    };
    kind.admits(&value).then_some(value)
}

/// The field an instruction stands for, when it is one that stays.
pub(in crate::office) fn field(instruction: &str) -> Option<Field> {
    let instruction = instruction.trim();
    let end = instruction.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(instruction.len());
    let (verb, arguments) = instruction.split_at(end);
    let verb = Verb::from_code(&verb.to_ascii_uppercase())?;
    Field::new(verb, arguments).ok()
}

fn yes_or_no(text: &str) -> Option<i64> {
    match text {
        "1" | "true" | "on" | "t" | "True" => Some(1),
        "0" | "false" | "off" | "f" | "False" => Some(0),
        _ => None,
    }
}

/// A whole number; some programs write it with a fraction.
fn whole(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "rounded and within the exact integers")]
    (number.abs() < 9e15).then(|| number.round() as i64)
}
