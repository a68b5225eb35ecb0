//! Who is named in the answers.

use super::common::is_of_a_person;
use crate::forms::definition::{Field, FieldKind};
use crate::forms::{Answers, Compiled};

impl Compiled {
    /// Name and reading of every name field, in the order of the form; what is empty is left out.
    #[must_use]
    pub fn names(&self, answers: &Answers) -> Vec<(String, String)> {
        let fields = self.procedure().pages.iter().flat_map(|page| &page.fields);
        fields
            .filter(|field| matches!(field.kind, FieldKind::Name(_)))
            .map(|field| {
                let part =
                    |name: &str| answers.first(&format!("{}.{name}", field.id)).unwrap_or("");
                let joined = |family: &str, given: &str| {
                    format!("{} {}", part(family), part(given)).trim().to_owned()
                };
                (joined("family", "given"), joined("family_kana", "given_kana"))
            })
            .filter(|(name, _)| !name.is_empty())
            .collect()
    }

    /// Whether some question asks who somebody is, where they live or how they are reached.
    #[must_use]
    pub fn asks_who(&self) -> bool {
        self.procedure().pages.iter().any(|page| ask_who(&page.fields))
    }
}

fn ask_who(fields: &[Field]) -> bool {
    fields.iter().any(|field| match &field.kind {
        FieldKind::Repeat(rows) => ask_who(&rows.fields),
        kind => is_of_a_person(kind),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::definition::Procedure;

    fn survey(more: Option<serde_json::Value>) -> Compiled {
        let json = include_bytes!("../../../deploy/sample-city/procedures/05-koho-anketo.json");
        let mut procedure = Procedure::from_json(json).expect("a document");
        let more = more.map(|field| serde_json::from_value::<Field>(field).expect("a field"));
        procedure.pages[0].fields.extend(more);
        Compiled::new(procedure).expect("it compiles")
    }

    /// NF-17: what asks for a name or an address, in a row too, lets nobody stay unnamed.
    #[test]
    fn a_form_that_asks_for_nobody_is_told_from_others() {
        let name = serde_json::json!({"id": "who", "label": "氏名", "kind": {"type": "name"}});
        let rows = serde_json::json!({"id": "family", "label": "家族", "kind": {
            "type": "repeat", "row": "{n}人目", "max": 3, "fields": [name.clone()]}});
        assert!(!survey(None).asks_who());
        assert!(survey(Some(name)).asks_who());
        assert!(survey(Some(rows)).asks_who());
    }
}
