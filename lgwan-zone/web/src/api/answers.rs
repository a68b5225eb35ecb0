//! Answers as the form says: numbers are numbers, choices codes, rows lists.

use domain::forms::definition::{Fee, FeeLine, Field, FieldKind};
use domain::forms::{Answers, Compiled, inputs};
use serde_json::{Map, Number, Value, json};

/// What was answered, by field id. A question that was not shown is left out; one that was shown
/// and left empty is null.
pub(super) fn typed(form: &Compiled, answers: &Answers) -> Map<String, Value> {
    let fields = form.procedure().pages.iter().flat_map(|page| &page.fields);
    of(fields, answers)
}

fn of<'f>(fields: impl Iterator<Item = &'f Field>, answers: &Answers) -> Map<String, Value> {
    let shown = |field: &&Field| inputs::stored(field).iter().any(|input| answers.shown(input));
    fields.filter(shown).map(|field| (field.id.clone(), value(field, answers))).collect()
}

fn value(field: &Field, answers: &Answers) -> Value {
    if inputs::other(field).is_some() {
        let written = text(answers, &format!("{}.{}", field.id, inputs::OTHER));
        return json!({"value": chosen(field, answers), "other": written});
    }
    chosen(field, answers)
}

fn chosen(field: &Field, answers: &Answers) -> Value {
    match &field.kind {
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Date(_)
        | FieldKind::Month(_)
        | FieldKind::Time(_)
        | FieldKind::Slot(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Choice(_) => text(answers, &field.id),
        FieldKind::Number(_) | FieldKind::Calc(_) => number(answers, &field.id),
        FieldKind::Fee(fee) => charged(fee, field, answers),
        FieldKind::Multi(_) | FieldKind::File(_) => {
            answers.get(&field.id).unwrap_or_default().to_vec().into()
        }
        FieldKind::Consent(_) => answers.answered(&field.id).into(),
        FieldKind::Name(_)
        | FieldKind::Address(_)
        | FieldKind::Bank(_)
        | FieldKind::Matrix(_)
        | FieldKind::Lookup(_) => parts(field, answers),
        FieldKind::Repeat(repeat) => {
            let keys = answers.get(&field.id).unwrap_or_default();
            let row = |key: &String| of(repeat.fields.iter(), &answers.row(&field.id, key));
            keys.iter().map(row).map(Value::Object).collect()
        }
        // They ask nothing, so nothing of them is stored.
        FieldKind::Exit(_) | FieldKind::Content(_) => Value::Null,
    }
}

/// `{"total": 900, "lines": [{"id": …, "label": …, "amount": 600}]}` in yen: the lines that were charged.
fn charged(fee: &Fee, field: &Field, answers: &Answers) -> Value {
    let line = |line: &FeeLine| {
        let input = format!("{}.{}", field.id, line.id);
        answers.shown(&input).then(|| {
            let amount = number(answers, &input);
            json!({"id": line.id, "label": line.label.ja(), "amount": amount})
        })
    };
    let lines: Vec<Value> = fee.lines.iter().filter_map(line).collect();
    json!({"total": number(answers, &field.id), "lines": lines})
}

/// `{"family": …}`; the entry of a list itself is `value`.
fn parts(field: &Field, answers: &Answers) -> Value {
    let stored = inputs::stored(field);
    let part = |input: &String| {
        let name = input.split_once('.').map_or("value", |(_, part)| part);
        (name.to_owned(), text(answers, input))
    };
    let shown = stored.iter().filter(|input| answers.shown(input));
    Value::Object(shown.map(part).collect())
}

fn text(answers: &Answers, input: &str) -> Value {
    answers.first(input).filter(|text| !text.is_empty()).map_or(Value::Null, Value::from)
}

fn number(answers: &Answers, input: &str) -> Value {
    let Some(text) = answers.first(input).filter(|text| !text.is_empty()) else {
        return Value::Null;
    };
    // What is calculated may be a text.
    serde_json::from_str::<Number>(text).map_or_else(|_| text.into(), Value::Number)
}
