//! Answers of an earlier application in a new one, perhaps of a newer revision (NF-58).

use std::collections::BTreeSet;

use crate::forms::definition::FieldKind;
use crate::forms::{Answers, Compiled, inputs};

/// What can be used again of an earlier application.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Answers that fit the form as it is now. The usual checks still follow, page by page.
    pub answers: Answers,
    /// Ids of fields that were answered and must be answered anew: files, declarations, options
    /// that are gone. In the order of the form.
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
        carried.anew = anew.into_iter().map(|slot| self.field_at(slot).id.clone()).collect();
        carried.gone = gone.len();
        carried
    }
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
}
