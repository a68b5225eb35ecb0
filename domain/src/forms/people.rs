//! Who is named in the answers.

use crate::forms::definition::FieldKind;
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
}
