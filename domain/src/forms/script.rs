//! What the script of a page follows while somebody types: conditions and calculated values (NF-63).
//! The server stays the authority; without script a page shows what hangs on it after the next button.

use jiff::civil::Date;
use serde_json::{Value as Json, json};

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
        let ids: Vec<&str> = slots.clone().map(|slot| self.field_at(slot).id.as_str()).collect();
        let seen = self.seen(answers, today);
        let scope = Scope { answers, seen: &seen, today, outer: None };
        let on = OnPage { scope, first: slots.start, ids: &ids };
        let (mut fields, mut waiting, mut follows) = (Vec::new(), Vec::new(), false);
        for slot in slots {
            let (field, compiled) = (self.field_at(slot), &self.fields[slot]);
            let mut one = json!({"id": field.id});
            match compiled.when.as_ref().map(|when| when.script(&on)) {
                Some(Some(when)) if can_appear(field) => {
                    follows = true;
                    one["when"] = when;
                    if !seen.is_shown(slot) {
                        waiting.push(field.id.clone());
                    }
                }
                // The script leaves it as it was drawn.
                Some(_) => one["fixed"] = Json::Bool(true),
                None if !seen.is_shown(slot) && can_appear(field) => waiting.push(field.id.clone()),
                None if !seen.is_shown(slot) => one["fixed"] = Json::Bool(true),
                None => {}
            }
            match &field.kind {
                FieldKind::Exit(_) => one["exit"] = Json::Bool(true),
                FieldKind::Calc(calc) => {
                    if let Some(value) = compiled.value.as_ref().and_then(|value| value.script(&on))
                    {
                        follows = true;
                        one["value"] = value;
                        one["unit"] = Json::String(calc.unit.ja().to_owned());
                    }
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

    fn form(cases: &Json) -> Compiled {
        let document = serde_json::to_vec(&cases["procedure"]).expect("JSON");
        Compiled::new(Procedure::from_json(&document).expect("a document")).expect("it compiles")
    }

    /// NF-63: every case says what the rules of the form say; the script is held to the same table in a
    /// browser (`the_script_says_what_the_rules_say`).
    #[test]
    fn the_rules_say_what_the_table_says() {
        let cases: Json = serde_json::from_str(CASES).expect("JSON");
        let form = form(&cases);
        let today: Date = "2026-06-01".parse().expect("a day");
        let all = cases["cases"].as_array().expect("a list");
        for case in all {
            let text = case["expression"].as_str().expect("a text");
            let expr = form.expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let answers: Answers =
                serde_json::from_value(case["answers"].clone()).expect("answers");
            let seen = form.seen(&answers, today);
            let scope = Scope { answers: &answers, seen: &seen, today, outer: None };
            let is = match expr.value(&scope) {
                Value::Bool(yes) => Json::Bool(yes),
                other => Json::String(written(&other).join(",")),
            };
            assert_eq!(is, case["is"], "{text} of {answers:?}");
        }
        assert!(all.len() > 60, "{}", all.len());
    }
}
