//! An application in flight under a newer revision of its form: what still holds, what must be asked
//! and what falls away (NF-58).
//!
//! What was wrong before stays what it was, a doubt of staff: only what the newer revision itself
//! makes wrong is asked for.

use std::collections::BTreeSet;

use crate::forms::definition::{Field, FieldKind};
use crate::forms::{Answers, Compiled, Context, fees, inputs};

/// What a newer revision makes of the answers of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebased {
    /// Ids of fields of the newer revision whose answer is missing or does not hold any more.
    pub needs: Vec<String>,
    /// Labels of questions that were answered and are not asked any more, in the order of the older form.
    pub drops: Vec<String>,
    /// Ids of fields whose value comes to something else when it is worked out anew.
    pub other: Vec<String>,
    /// Whether a fee would come to another amount.
    pub charges: bool,
}

impl Compiled {
    /// Holds the answers of an application made under this revision against a newer one. `context` is
    /// that of the arrival, so nothing is too late only because time went by.
    #[must_use]
    pub fn rebase(&self, newer: &Self, answers: &Answers, context: &Context<'_>) -> Rebased {
        let before = self.check_all(answers, context);
        let after = newer.check_all(answers, context);
        let mut made = Rebased {
            charges: charges(self, newer, answers, &after.answers),
            ..Rebased::default()
        };
        for fault in &after.faults {
            let known =
                before.faults.iter().any(|one| one.input == fault.input && one.code == fault.code);
            let field = inputs::field_of(&fault.input);
            if !known && !made.needs.iter().any(|one| one == field) {
                made.needs.push(field.to_owned());
            }
        }
        let mut drops = BTreeSet::new();
        for (input, values) in answers.iter().filter(|(input, _)| answers.answered(input)) {
            let id = inputs::field_of(input);
            let now = after.answers.get(input);
            if now.is_none() && before.answers.get(input).is_some() {
                drops.extend(self.slot(id).filter(|slot| !is_worked_out(self.field_at(*slot))));
            }
            let worked_out = newer.field(id).is_some_and(is_worked_out);
            if worked_out && now != Some(values) && !made.other.iter().any(|one| one == id) {
                made.other.push(id.to_owned());
            }
        }
        made.drops =
            drops.into_iter().map(|slot| self.field_at(slot).label.ja().to_owned()).collect();
        made
    }
}

const fn is_worked_out(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Calc(_) | FieldKind::Fee(_))
}

/// Whether what is charged would be another amount under the newer revision.
fn charges(older: &Compiled, newer: &Compiled, before: &Answers, after: &Answers) -> bool {
    let fees = [older, newer].into_iter().flat_map(|form| fees::questions(form.procedure()));
    fees.flat_map(inputs::stored).any(|input| before.get(&input) != after.get(&input))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;
    use crate::forms::definition::Procedure;

    fn form(fields: &Value) -> Compiled {
        let document = json!({
            "id": "00000000000000000000000011", "revision": 1, "slug": "hojo",
            "department": "00000000000000000000000001", "title": "補助金", "summary": "補助金の申請です。",
            "pages": [{"id": "p1", "title": "申請", "fields": fields}]
        });
        let read = Procedure::from_json(document.to_string().as_bytes()).expect("a document");
        Compiled::new(read).expect("it compiles")
    }

    fn text(id: &str, label: &str, required: bool) -> Value {
        json!({"id": id, "label": label, "required": required, "kind": {"type": "text"}})
    }

    fn rebased(older: &Value, newer: &Value, answers: &Answers) -> Rebased {
        form(older).rebase(&form(newer), answers, &Context::on(date(2026, 11, 20)))
    }

    /// NF-58: what fits says nothing; a new question, an option that is gone and a question that is no
    /// longer asked are named, each as what it is.
    #[test]
    fn a_newer_revision_says_what_is_missing_and_what_falls_away() {
        let kind = |codes: &[&str]| {
            let options: Vec<Value> =
                codes.iter().map(|code| json!({"code": code, "label": code})).collect();
            json!({"id": "kind", "label": "種類", "required": true,
                "kind": {"type": "choice", "options": options}})
        };
        let older =
            json!([text("who", "名前", true), kind(&["a", "b"]), text("why", "理由", false)]);
        let answers = Answers::from([("who", "花子"), ("kind", "a"), ("why", "急ぐため")]);
        assert_eq!(rebased(&older, &older, &answers), Rebased::default());
        let same =
            json!([kind(&["a", "c"]), text("who", "お名前", true), text("why", "理由", false)]);
        assert_eq!(rebased(&older, &same, &answers), Rebased::default());
        let newer = json!([text("who", "名前", true), kind(&["b"]), text("area", "地区", true)]);
        let made = rebased(&older, &newer, &answers);
        assert_eq!(made.needs, ["kind", "area"]);
        assert_eq!(made.drops, ["理由"]);
        assert!(!made.charges && made.other.is_empty());
    }

    /// NF-58: what did not hold before is no fault of the newer revision; what a condition hides now is
    /// named as falling away.
    #[test]
    fn an_old_doubt_is_not_asked_for_and_what_is_hidden_is_named() {
        let older = json!([text("who", "名前", true), text("why", "理由", false)]);
        let mut hidden = text("why", "理由", false);
        hidden["when"] = json!("who == '太郎'");
        let newer = json!([text("who", "名前", true), hidden]);
        let none = Answers::from([("why", "急ぐため")]);
        let made = rebased(&older, &newer, &none);
        assert!(made.needs.is_empty(), "{:?}", made.needs);
        assert_eq!(made.drops, ["理由"]);
    }

    /// NF-58: another amount of a fee is seen, the same one is not.
    #[test]
    fn another_fee_is_seen() {
        let fee = |amount: u32| {
            json!([text("who", "名前", true), {"id": "fee", "label": "手数料", "kind": {"type": "fee",
                "lines": [{"id": "l1", "label": "1通", "amount": amount}]}}])
        };
        let answers = Answers::from([("who", "花子"), ("fee", "300"), ("fee.l1", "300")]);
        assert!(!rebased(&fee(300), &fee(300), &answers).charges);
        assert!(rebased(&fee(300), &fee(400), &answers).charges);
        assert!(rebased(&fee(300), &json!([text("who", "名前", true)]), &answers).charges);
    }
}
