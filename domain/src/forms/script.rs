//! What the script of a page follows while somebody types: conditions and calculated values (NF-63).
//! The server stays the authority; without script a page shows what hangs on it after the next button.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::forms::compiled::{CompiledField, Needed};
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::{OnPage, Scope};
use crate::forms::{Answers, Compiled};

/// The rules of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// For the script, see `expr/script.rs`.
    pub json: String,
    /// Ids of fields that are hidden now and may appear while somebody types.
    pub waiting: Vec<String>,
}

impl Compiled {
    /// What the script follows on a page; `None` when nothing on it hangs on an answer of the page.
    #[must_use]
    pub fn script(&self, page: usize, answers: &Answers, today: Date) -> Option<Script> {
        let slots = self.pages.get(page)?.slots.clone();
        let at = |slot: usize| (self.field_at(slot), &self.fields[slot]);
        let on_page: Vec<(&Field, &CompiledField)> = slots.clone().map(at).collect();
        let seen = self.seen(answers, today);
        let scope = Scope { answers, seen: &seen, today, outer: None };
        let (mut fields, mut waiting, mut follows) = (Vec::new(), Vec::new(), false);
        let mut left = BTreeSet::new();
        for slot in slots.clone() {
            let (field, compiled) = at(slot);
            let on = OnPage { scope, first: slots.start, fields: &on_page, left: &left };
            let (shown, can_appear) = (seen.is_shown(slot), can_appear(field));
            let mut one = json!({"id": field.id});
            match compiled.when.as_ref().map(|when| when.script(&on)) {
                Some(Some(when)) if can_appear => {
                    follows = true;
                    one["when"] = when;
                }
                None if shown || can_appear => {}
                // The script leaves it as it was drawn.
                Some(_) | None => one["fixed"] = Json::Bool(true),
            }
            if !shown && one.get("fixed").is_none() {
                waiting.push(field.id.clone());
            }
            if let Needed::When(needed) = &compiled.required
                && let Some(needed) = needed.script(&on)
            {
                follows = true;
                one["needed"] = needed;
            }
            let value = compiled.value.as_ref().and_then(|value| value.script(&on));
            match &field.kind {
                FieldKind::Exit(_) => one["exit"] = Json::Bool(true),
                FieldKind::Repeat(repeat) => {
                    let rows = repeat.fields.iter().zip(&compiled.row);
                    let made = rows.filter_map(|(field, compiled)| {
                        let FieldKind::Calc(calc) = &field.kind else { return None };
                        let value = compiled.value.as_ref()?.script_in(&on, slot)?;
                        Some(json!({"id": field.id, "value": value, "unit": calc.unit.ja()}))
                    });
                    let made: Vec<Json> = made.collect();
                    follows |= !made.is_empty();
                    one["rows"] = Json::Array(made);
                }
                FieldKind::Calc(calc) if value.is_some() => {
                    follows = true;
                    one["value"] = value.unwrap_or_default();
                    one["unit"] = Json::String(calc.unit.ja().to_owned());
                }
                FieldKind::Calc(_) | FieldKind::Fee(_) | FieldKind::File(_) => {
                    left.insert(slot);
                }
                _ => {}
            }
            fields.push(one);
        }
        follows.then(|| Script { json: Json::Array(fields).to_string(), waiting })
    }
}

/// Files are chosen on a page that was drawn for them.
const fn can_appear(field: &Field) -> bool {
    !matches!(field.kind, FieldKind::File(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::definition::Procedure;
    use crate::forms::expr::Value;
    use crate::forms::seen::written;

    const CASES: &str = include_str!("script_cases.json");

    fn table() -> (Compiled, Json) {
        let table: Json = serde_json::from_str(CASES).expect("JSON");
        let document = serde_json::to_vec(&table["procedure"]).expect("JSON");
        let form = Procedure::from_json(&document).expect("a document");
        (Compiled::new(form).unwrap_or_else(|problems| panic!("{problems:?}")), table)
    }

    /// NF-63: every case says what the rules of the form say; the script is held to the same table in a
    /// browser (`the_script_says_what_the_rules_say`).
    #[test]
    fn the_rules_say_what_the_table_says() {
        let (form, table) = table();
        let today: Date = "2026-06-01".parse().expect("a day");
        let all = table["cases"].as_array().expect("a list");
        for case in all {
            let text = case[0].as_str().expect("a text");
            let expr = form.expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let mut given = table["answers"].as_object().expect("answers").clone();
            given.extend(case[1].as_object().expect("answers").clone());
            let answers: Answers = serde_json::from_value(Json::Object(given)).expect("answers");
            let seen = form.seen(&answers, today);
            let scope = Scope { answers: &answers, seen: &seen, today, outer: None };
            let is = match expr.value(&scope) {
                Value::Bool(yes) => Json::Bool(yes),
                other => Json::String(written(&other).join(",")),
            };
            assert_eq!(is, case[2], "{text} of {answers:?}");
        }
        assert!(all.len() > 60, "{}", all.len());
    }

    /// NF-63: what hangs on something the page does not hold stays as it was drawn: files, fees, lengths,
    /// and everything worked out from them.
    #[test]
    fn what_only_the_server_knows_is_left_as_it_was_drawn() {
        let (form, table) = table();
        let mut document = table["procedure"].clone();
        let fields = document["pages"][0]["fields"].as_array_mut().expect("a list");
        let texts = table["left"].as_array().expect("a list");
        for (n, text) in texts.iter().enumerate() {
            let id = format!("x{n}");
            fields.push(json!({"id": id, "label": id, "when": text, "kind": {"type": "text"}}));
        }
        let document = serde_json::to_vec(&document).expect("JSON");
        let all = Compiled::new(Procedure::from_json(&document).expect("a document"));
        let all = all.unwrap_or_else(|problems| panic!("{problems:?}"));
        let (none, today) = (Answers::new(), "2026-06-01".parse().expect("a day"));
        let script = all.script(0, &none, today).expect("something to follow");
        let told: Json = serde_json::from_str(&script.json).expect("JSON");
        let told = told.as_array().expect("a list");
        let known = told.len() - texts.len();
        for (text, one) in texts.iter().zip(&told[known..]) {
            assert_eq!(one["fixed"], true, "{text}: {one}");
        }
        let waits = |id: &str| script.waiting.iter().any(|one| one == id);
        assert!(waits("extra") && !waits("x0"), "{:?}", script.waiting);
        let plain = form.script(0, &none, today).expect("something to follow");
        assert_eq!(plain.waiting, script.waiting);
    }
}
