//! What the script of a page follows while somebody types: conditions and calculated values (NF-63).
//! The server stays the authority; without script a page shows what hangs on it after the next button.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::forms::compiled::{CompiledField, Needed};
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::{Expr, Left, OnPage, Scope};
use crate::forms::{Answers, Compiled, inputs};

/// The rules of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// For the script, see `expr/script.rs`.
    pub json: String,
    /// What the script shows and hides: ids of questions, in rows too, and `ID.CODE` of options.
    pub follows: BTreeSet<String>,
}

impl Compiled {
    /// What the script follows on a page; `None` when nothing on it hangs on an answer of the page.
    #[must_use]
    pub fn script(&self, page: usize, answers: &Answers, today: Date) -> Option<Script> {
        let slots = self.pages.get(page)?.slots.clone();
        let at = |slot: usize| (self.field_at(slot), &self.fields[slot]);
        let on_page: Vec<&Field> = slots.clone().map(|slot| self.field_at(slot)).collect();
        let seen = self.seen(answers, today);
        let scope = Scope { answers, seen: &seen, today, outer: None };
        let (mut fields, mut written, mut left) = (Vec::new(), Written::default(), Left::new());
        for slot in slots.clone() {
            let (field, compiled) = at(slot);
            let mut rows = Vec::new();
            let inner = field.repeat().map_or(&[][..], |repeat| &repeat.fields);
            for (n, one) in inner.iter().zip(&compiled.row).enumerate() {
                let on = OnPage { scope, first: slots.start, fields: &on_page, left: &left };
                let (json, known) = written.field(one, true, &|expr| expr.script_in(&on, slot));
                rows.push(json);
                if !known {
                    left.insert((slot, Some(n)));
                }
            }
            let on = OnPage { scope, first: slots.start, fields: &on_page, left: &left };
            let shown = seen.is_shown(slot);
            let (mut json, known) =
                written.field((field, compiled), shown, &|expr| expr.script(&on));
            if !rows.is_empty() {
                json["rows"] = Json::Array(rows);
            }
            if !known {
                left.insert((slot, None));
            }
            fields.push(json);
        }
        // An answer may be needed by what stands further down the page: here all of it is written.
        let on = OnPage { scope, first: slots.start, fields: &on_page, left: &left };
        for (slot, json) in slots.zip(&mut fields) {
            let compiled = &self.fields[slot];
            written.needed(compiled, json, &|expr| expr.script(&on));
            let rows = json.get_mut("rows").and_then(Json::as_array_mut).into_iter().flatten();
            for (json, compiled) in rows.zip(&compiled.row) {
                written.needed(compiled, json, &|expr| expr.script_in(&on, slot));
            }
        }
        let Written { follows, any } = written;
        any.then(|| Script { json: Json::Array(fields).to_string(), follows })
    }
}

/// What was written so far.
#[derive(Default)]
struct Written {
    follows: BTreeSet<String>,
    /// Whether anything hangs on an answer.
    any: bool,
}

impl Written {
    /// One field of the page or of its rows; and whether the script knows its value.
    fn field(
        &mut self,
        (field, compiled): (&Field, &CompiledField),
        shown: bool,
        write: &dyn Fn(&Expr) -> Option<Json>,
    ) -> (Json, bool) {
        let mut one = json!({"id": field.id});
        if field.is_partial_date() {
            one["partial"] = Json::Bool(true);
        }
        match compiled.when.as_ref().map(write) {
            Some(Some(when)) if can_appear(field) => {
                self.any = true;
                one["when"] = when;
            }
            None if shown || can_appear(field) => {}
            // The script leaves it as it was drawn.
            Some(_) | None => one["fixed"] = Json::Bool(true),
        }
        if one.get("fixed").is_none() {
            self.follows.insert(field.id.clone());
        }
        // An order has a rank for each option, and stays as it was drawn.
        let ranked = matches!(&field.kind, FieldKind::Multi(multi) if multi.ranked);
        let options = inputs::options(field).iter().zip(&compiled.options);
        for (option, when) in options.filter(|_| !ranked) {
            let Some(when) = when.as_ref().and_then(write) else { continue };
            self.any = true;
            one["options"][&option.code] = when;
            self.follows.insert(format!("{}.{}", field.id, option.code));
        }
        let value = compiled.value.as_ref().and_then(write);
        let known = match &field.kind {
            FieldKind::Exit(_) => {
                one["exit"] = Json::Bool(true);
                true
            }
            FieldKind::Calc(calc) if value.is_some() => {
                self.any = true;
                one["value"] = value.unwrap_or_default();
                one["unit"] = Json::String(calc.unit.ja().to_owned());
                true
            }
            FieldKind::Calc(_) | FieldKind::Fee(_) | FieldKind::File(_) => false,
            _ => true,
        };
        (one, known)
    }

    /// When an answer of a field is needed.
    fn needed(
        &mut self,
        compiled: &CompiledField,
        json: &mut Json,
        write: &dyn Fn(&Expr) -> Option<Json>,
    ) {
        if let Needed::When(needed) = &compiled.required
            && let Some(needed) = write(needed)
        {
            self.any = true;
            json["needed"] = needed;
        }
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

    /// NF-63: what is shown, needed and offered in a row, by the same table (`the_script_says_what_the_rules_say`).
    #[test]
    fn the_rules_of_a_row_say_what_the_table_says() {
        let (form, table) = table();
        let today: Date = "2026-06-01".parse().expect("a day");
        for case in table["rows"].as_array().expect("a list") {
            let mut given = table["answers"].as_object().expect("answers").clone();
            given.extend(case[0].as_object().expect("answers").clone());
            let answers: Answers = serde_json::from_value(Json::Object(given)).expect("answers");
            let view = form.view(&answers, today);
            let items = view.field("items").expect("a group");
            let row = &items.rows[0].fields;
            let of = |id: &str| row.iter().find(|drawn| drawn.field.id == id);
            for (id, shown) in case[1].as_object().expect("what is shown") {
                assert_eq!(Json::Bool(of(id).is_some()), *shown, "{id} of {case}");
            }
            for (id, needed) in case[2].as_object().expect("what is needed") {
                let drawn = of(id).expect("a question");
                assert_eq!(Json::Bool(drawn.required), *needed, "{id} of {case}");
            }
            let offered = &of("sort").expect("a choice").offered;
            let codes: Vec<&str> = offered.iter().map(|option| option.code.as_str()).collect();
            assert_eq!(json!(codes), case[3], "{case}");
        }
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
        let follows = |id: &str| script.follows.contains(id);
        assert!(follows("extra") && !follows("x0"), "{:?}", script.follows);
        // In rows the same: what hangs on a length stays, the rest follows, offered options too.
        assert!(follows("part") && follows("deep") && !follows("odd"), "{:?}", script.follows);
        assert!(follows("sort.r") && !follows("sort.p"), "{:?}", script.follows);
        // What is needed stays as well, where it hangs on a length that is worked out further down.
        let name = told.iter().find(|one| one["id"] == "name").expect("a question");
        assert!(name.get("needed").is_none(), "{name}");
        // A number is typed with its unit, too.
        assert!(script.json.contains("[\"i\",\"n\",\"n\",\"n\",\"円\"]"), "{}", script.json);
        let plain = form.script(0, &none, today).expect("something to follow");
        assert!(plain.follows.is_subset(&script.follows), "{:?}", plain.follows);
    }
}
