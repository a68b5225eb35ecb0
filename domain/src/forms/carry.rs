//! Answers of an earlier application in a new one, perhaps of a newer revision (NF-58).

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::forms::definition::{Field, FieldKind};
use crate::forms::moved::falls_short;
use crate::forms::{Answers, Compiled, Dropped, inputs};

/// What can be used again of an earlier application.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Answers that fit the form as it is now. The usual checks still follow, page by page.
    pub answers: Answers,
    /// Ids of fields that were answered and must be answered anew: files, declarations, options
    /// that are gone, dates known in part where the whole is asked for. In the order of the form.
    pub anew: Vec<String>,
    /// Answers whose question the form no longer has.
    pub gone: usize,
}

impl Compiled {
    /// Sorts the answers of an earlier application.
    #[must_use]
    pub fn carry(&self, earlier: &Answers) -> Carried {
        let mut carried = Carried::default();
        let (mut anew, mut gone) = (BTreeSet::new(), BTreeSet::new());
        let mut short = BTreeSet::new();
        for (input, values) in earlier.iter().filter(|(input, _)| earlier.answered(input)) {
            let Some(slot) = self.slot(inputs::field_of(input)) else {
                gone.insert(inputs::field_of(input));
                continue;
            };
            let field = self.field_at(slot);
            // A fee is worked out anew, by what it costs today.
            if matches!(field.kind, FieldKind::Fee(_)) {
                continue;
            }
            // In a row the other answers stay.
            let value = values.first().map(String::as_str);
            let is_short = |asked: &Field| {
                falls_short(asked, value) || names_no_option((field, asked), input, values)
            };
            if self.field_storing(input).is_some_and(is_short) {
                short.insert(slot);
                continue;
            }
            let options = inputs::options(field);
            let known = |code: &String| options.iter().any(|option| option.code == *code);
            if matches!(field.kind, FieldKind::File(_) | FieldKind::Consent(_) | FieldKind::Slot(_))
                || (!options.is_empty() && input == field.id && !values.iter().all(known))
            {
                anew.insert(slot);
            } else {
                carried.answers.put(input, values.to_vec());
            }
        }
        let goes =
            |input: &str| self.slot(inputs::field_of(input)).is_some_and(|s| anew.contains(&s));
        carried.answers.retain(|input| !goes(input));
        anew.append(&mut short);
        carried.anew = anew.into_iter().map(|slot| self.field_at(slot).id.clone()).collect();
        carried.gone = gone.len();
        carried
    }

    /// What was answered to questions this form does not have, as `before` asked them: questions of
    /// rows too. What was worked out is not told: nobody answered it.
    #[must_use]
    pub fn no_longer_asked(&self, before: &Self, earlier: &Answers, today: Date) -> Vec<Dropped> {
        let rows = before.summary(earlier, today).into_iter().flat_map(|page| page.rows);
        let gone = rows.filter(|row| {
            !matches!(row.field.kind, FieldKind::Calc(_) | FieldKind::Fee(_))
                && !row.lines.is_empty()
                && self.asking(row).is_none()
        });
        gone.map(|row| Dropped {
            is_file: matches!(row.field.kind, FieldKind::File(_)),
            name: row.name,
            label: row.label,
            lines: row.lines,
        })
        .collect()
    }
}

/// Whether an answer in a matrix, or to a choice in a row of `group`, names an option that is gone.
fn names_no_option((group, asked): (&Field, &Field), input: &str, values: &[String]) -> bool {
    let options = if let FieldKind::Matrix(matrix) = &asked.kind {
        &matrix.options[..]
    } else if inputs::without_key(input) == Some(format!("{}.{}", group.id, asked.id)) {
        inputs::options(asked)
    } else {
        return false;
    };
    let known = |code: &String| options.iter().any(|option| option.code == *code);
    !options.is_empty() && !values.iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::definition::Procedure;

    fn form() -> Compiled {
        let json = include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json");
        Compiled::new(Procedure::from_json(json).expect("a document")).expect("it compiles")
    }

    /// NF-58: names, addresses and choices come back; files, declarations and options that are gone
    /// are asked anew; questions that are gone are counted.
    #[test]
    fn an_earlier_application_fills_what_still_fits() {
        let form = form();
        let earlier = Answers::from([
            ("applicant.family", "未来"),
            ("applicant.given", "花子"),
            ("home.postal", "9800811"),
            ("kind", "no_such_option"),
            ("copies", "2"),
            ("purpose_note", ""),
            ("identity", "att-1"),
            ("declaration", "yes"),
            ("old_question.family", "旧"),
            ("old_question.given", "姓"),
        ]);
        let carried = form.carry(&earlier);
        let inputs: Vec<&str> = carried.answers.iter().map(|(input, _)| input).collect();
        assert_eq!(inputs, ["applicant.family", "applicant.given", "copies", "home.postal"]);
        assert_eq!(carried.anew, ["kind", "identity", "declaration"]);
        assert_eq!(carried.gone, 1);
    }

    /// NF-58: an option that is gone from a matrix or from the rows of a group is asked anew, the other
    /// answers come back.
    #[test]
    fn an_option_that_is_gone_inside_of_a_question_is_asked_anew() {
        let json = include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json");
        let mut document = Procedure::from_json(json).expect("a document");
        let options = serde_json::json!([{"code": "a", "label": "A"}, {"code": "b", "label": "B"}]);
        let fields = [
            serde_json::json!({"id": "rated", "label": "評価", "kind": {"type": "matrix",
                "rows": [{"id": "desk", "label": "窓口"}, {"id": "web", "label": "ウェブ"}],
                "options": options}}),
            serde_json::json!({"id": "people", "label": "家族", "kind": {"type": "repeat",
                "row": "{n}人目", "max": 3, "fields": [
                    {"id": "who", "label": "呼び名", "kind": {"type": "text"}},
                    {"id": "tie", "label": "続柄", "kind": {"type": "choice", "options": options}}]}}),
        ];
        for field in fields {
            let field = serde_json::from_value(field).expect("a field");
            document.pages[0].fields.push(field);
        }
        let form = Compiled::new(document).expect("it compiles");
        let earlier = Answers::from([
            ("rated.desk", "a"),
            ("rated.web", "old"),
            ("people", "1"),
            ("people.1.who", "太郎"),
            ("people.1.tie", "old"),
        ]);
        let carried = form.carry(&earlier);
        let inputs: Vec<&str> = carried.answers.iter().map(|(input, _)| input).collect();
        assert_eq!(inputs, ["people", "people.1.who", "rated.desk"]);
        assert_eq!(carried.anew, ["rated", "people"]);
    }

    /// NF-58: questions that are gone are named with what was answered, those of rows too; what stays
    /// and what was left empty is not.
    #[test]
    fn what_is_no_longer_asked_is_named_with_its_answer() {
        let json = include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json");
        let mut older = Procedure::from_json(json).expect("a document");
        let fields = [
            serde_json::json!({"id": "nickname", "label": "通称", "kind": {"type": "text"}}),
            serde_json::json!({"id": "fax", "label": "ファクス", "kind": {"type": "text"}}),
            serde_json::json!({"id": "people", "label": "家族", "kind": {"type": "repeat",
                "row": "{n}人目", "max": 3, "fields": [
                    {"id": "who", "label": "呼び名", "kind": {"type": "text"}},
                    {"id": "tie", "label": "続柄", "kind": {"type": "text"}}]}}),
        ];
        for field in fields {
            let field = serde_json::from_value(field).expect("a field");
            older.pages[0].fields.push(field);
        }
        let mut newer = older.clone();
        newer.pages[0].fields.retain(|field| !["nickname", "fax"].contains(&field.id.as_str()));
        let people = newer.pages[0].fields.last_mut().expect("the rows");
        if let FieldKind::Repeat(repeat) = &mut people.kind {
            repeat.fields.retain(|field| field.id != "tie");
        }
        let older = Compiled::new(older).expect("it compiles");
        let newer = Compiled::new(newer).expect("it compiles");
        let earlier = Answers::from([
            ("applicant.family", "未来"),
            ("nickname", "みらちゃん"),
            ("fax", ""),
            ("people", "1"),
            ("people.1.who", "太郎"),
            ("people.1.tie", "子"),
        ]);
        let today = Date::constant(2026, 6, 1);
        let gone = newer.no_longer_asked(&older, &earlier, today);
        let told: Vec<(&str, &[String])> =
            gone.iter().map(|one| (one.name.as_str(), one.lines.as_slice())).collect();
        let lines = ["みらちゃん".to_owned(), "子".to_owned()];
        assert_eq!(told, [("nickname", &lines[..1]), ("people.1.tie", &lines[1..])]);
        assert_eq!(gone[0].label, "通称");
        assert!(older.no_longer_asked(&older, &earlier, today).is_empty());
    }
}
