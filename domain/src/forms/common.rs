//! Answers of one application in another of the same person (IK-2.1.2c): the same item is asked
//! once and offered everywhere.

use std::mem::discriminant;

use crate::forms::definition::{Field, FieldKind};
use crate::forms::{Answers, Compiled, inputs};

impl Compiled {
    /// What `answers` to another form say about the questions of this one: questions of the same
    /// kind with the same shared meaning or, for what is known of a person (name, address, number,
    /// account) where neither has one, the same label. A question that is there twice in either form
    /// is not guessed at. The usual checks still follow.
    #[must_use]
    pub fn common(&self, from: &Self, answers: &Answers) -> Answers {
        let mut mapped = Answers::new();
        for field in asked(self).filter(|field| is_alone(self, field)) {
            let mut same = asked(from).filter(|other| is_same(field, other));
            let (Some(other), None) = (same.next(), same.next()) else { continue };
            for (input, values) in answers.iter() {
                if inputs::field_of(input) == other.id && answers.answered(input) {
                    let part = input.strip_prefix(other.id.as_str()).unwrap_or_default();
                    mapped.put(format!("{}{part}", field.id), values.to_vec());
                }
            }
        }
        self.carry(&mapped).answers
    }
}

/// Questions whose answers mean the same in every form.
fn asked(form: &Compiled) -> impl Iterator<Item = &Field> {
    let fields = form.procedure().pages.iter().flat_map(|page| &page.fields);
    fields.filter(|field| match field.kind {
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Number(_)
        | FieldKind::Date(_)
        | FieldKind::Month(_)
        | FieldKind::Time(_)
        | FieldKind::Name(_)
        | FieldKind::Address(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Bank(_)
        | FieldKind::Choice(_)
        | FieldKind::Multi(_) => true,
        FieldKind::Matrix(_)
        | FieldKind::Lookup(_)
        | FieldKind::File(_)
        | FieldKind::Consent(_)
        | FieldKind::Calc(_)
        | FieldKind::Fee(_)
        | FieldKind::Slot(_)
        | FieldKind::Repeat(_)
        | FieldKind::Exit(_)
        | FieldKind::Content(_) => false,
    })
}

fn is_same(one: &Field, other: &Field) -> bool {
    let means_the_same = match (&one.reuse, &other.reuse) {
        (Some(one), Some(other)) => one == other,
        (None, None) => is_of_a_person(&one.kind) && one.label.ja() == other.label.ja(),
        (Some(_), None) | (None, Some(_)) => false,
    };
    means_the_same && discriminant(&one.kind) == discriminant(&other.kind)
}

/// Kinds whose answers are the person's whatever procedure asks. A reason, a number or a choice of the
/// same label means another thing in another form: those are shared by their meaning only.
pub(super) const fn is_of_a_person(kind: &FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Name(_)
            | FieldKind::Address(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_)
            | FieldKind::CorporateNumber(_)
            | FieldKind::Bank(_)
    )
}

fn is_alone(form: &Compiled, field: &Field) -> bool {
    asked(form).filter(|other| is_same(field, other)).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::definition::{Procedure, Words};

    fn form(json: &[u8], change: impl FnOnce(&mut Procedure)) -> Compiled {
        let mut procedure = Procedure::from_json(json).expect("a document");
        change(&mut procedure);
        Compiled::new(procedure).expect("it compiles")
    }

    fn record(change: impl FnOnce(&mut Procedure)) -> Compiled {
        form(include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json"), change)
    }

    fn lecture(change: impl FnOnce(&mut Procedure)) -> Compiled {
        form(include_bytes!("../../../deploy/sample-city/procedures/04-shimin-koza.json"), change)
    }

    fn field<'a>(procedure: &'a mut Procedure, id: &str) -> &'a mut Field {
        let mut fields = procedure.pages.iter_mut().flat_map(|page| &mut page.fields);
        fields.find(|field| field.id == id).expect("a field")
    }

    fn answers() -> Answers {
        Answers::from([
            ("applicant.family", "未来"),
            ("applicant.given", "花子"),
            ("birth", "1984-05-06"),
            ("home.postal", "9800811"),
            ("phone", "09012345678"),
            ("copies", "2"),
            ("identity", "att-1"),
            ("declaration", "yes"),
        ])
    }

    fn inputs(answers: &Answers) -> Vec<&str> {
        answers.iter().map(|(input, _)| input).collect()
    }

    /// IK-2.1.2c: the same item is carried by its meaning, whatever it is called in each form;
    /// files, declarations and what only one form asks are not.
    #[test]
    fn the_same_item_is_carried_by_its_meaning() {
        let (record, lecture) = (record(|_| ()), lecture(|_| ()));
        let common = lecture.common(&record, &answers());
        assert_eq!(inputs(&common), ["birth", "name.family", "name.given", "phone"]);
        assert_eq!(common.first("name.family"), Some("未来"));
    }

    /// IK-2.1.2c: 備考 of one form is not 備考 of another, unless both say that they mean the same.
    #[test]
    fn a_label_of_words_and_numbers_decides_nothing() {
        let note = |reuse: Option<&str>| {
            let note = serde_json::json!({
                "id": "remarks", "label": "備考", "kind": {"type": "text"}, "reuse": reuse,
            });
            let note: Field = serde_json::from_value(note).expect("a field");
            move |procedure: &mut Procedure| procedure.pages[0].fields.push(note)
        };
        let told = Answers::from([("remarks", "玄関のベルは鳴りません。")]);
        let shared = |reuse| lecture(note(reuse)).common(&record(note(reuse)), &told);
        assert!(inputs(&shared(None)).is_empty());
        assert_eq!(inputs(&shared(Some("visit.note"))), ["remarks"]);
    }

    /// IK-2.1.2c: without a meaning the label decides; a label that stands twice decides nothing.
    #[test]
    fn a_label_decides_where_no_meaning_is_given() {
        let plain = |procedure: &mut Procedure| {
            let phone = field(procedure, "phone");
            (phone.reuse, phone.label) = (None, Words::from("電話番号"));
        };
        let common = lecture(plain).common(&record(plain), &answers());
        assert!(inputs(&common).contains(&"phone"), "{:?}", inputs(&common));
        let half = lecture(plain).common(&record(|_| ()), &answers());
        assert!(!inputs(&half).contains(&"phone"), "{:?}", inputs(&half));
        let twice = lecture(|procedure| {
            field(procedure, "phone").reuse = None;
            let mut other = field(procedure, "phone").clone();
            other.id = "other_phone".to_owned();
            procedure.pages[0].fields.push(other);
        });
        let common = twice.common(&record(plain), &answers());
        assert!(!inputs(&common).iter().any(|input| input.contains("phone")));
        let renamed = lecture(|procedure| {
            field(procedure, "phone").reuse = None;
            field(procedure, "phone").label = Words::from("緊急連絡先");
        });
        assert!(!inputs(&renamed.common(&record(plain), &answers())).contains(&"phone"));
    }
}
