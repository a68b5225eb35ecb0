//! What was filled in: normalised strings by input name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Answers by *input name*.
///
/// - no entry: the question was not shown (absent);
/// - an entry without values: it was shown and left empty;
/// - otherwise the values in the order chosen, one for most kinds.
///
/// Composite fields use dotted names: `applicant.family`, `home.postal`. A date is stored under the
/// field's own id as ISO text, a file field holds attachment ids. A repeating group holds the keys
/// of its rows in order, `1` to `n`, and each row its answers: `family.2.birth`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, Vec<String>>);

impl Answers {
    /// No answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All values of an input; `None` when it is absent.
    #[must_use]
    pub fn get(&self, input: &str) -> Option<&[String]> {
        self.0.get(input).map(Vec::as_slice)
    }

    /// The first value; `None` when the input is absent or empty.
    #[must_use]
    pub fn first(&self, input: &str) -> Option<&str> {
        self.get(input)?.first().map(String::as_str)
    }

    /// Whether the input was shown.
    #[must_use]
    pub fn shown(&self, input: &str) -> bool {
        self.0.contains_key(input)
    }

    /// Whether the input has a value that is not empty.
    #[must_use]
    pub fn answered(&self, input: &str) -> bool {
        self.get(input).is_some_and(|values| values.iter().any(|v| !v.is_empty()))
    }

    /// Puts all values of an input.
    pub fn put(&mut self, input: impl Into<String>, values: Vec<String>) {
        self.0.insert(input.into(), values);
    }

    /// Puts one value, or the empty answer when `value` is empty.
    pub fn put_one(&mut self, input: impl Into<String>, value: impl Into<String>) {
        let value = value.into();
        self.put(input, if value.is_empty() { Vec::new() } else { vec![value] });
    }

    /// Adds one value behind the others, as a form body lists them.
    pub fn push(&mut self, input: impl Into<String>, value: impl Into<String>) {
        self.0.entry(input.into()).or_default().push(value.into());
    }

    /// Makes an input absent.
    pub fn remove(&mut self, input: &str) -> Option<Vec<String>> {
        self.0.remove(input)
    }

    /// Takes over every entry of `newer`.
    pub fn overlay(&mut self, newer: &Self) {
        for (input, values) in newer.iter() {
            self.put(input, values.to_vec());
        }
    }

    /// Keeps the entries whose input name passes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|input, _| keep(input));
    }

    /// Answers of one row of a repeating group, under the names they have in the row.
    #[must_use]
    pub fn row(&self, group: &str, key: &str) -> Self {
        let prefix = format!("{group}.{key}.");
        let from = self.0.range(prefix.clone()..);
        let own = from.take_while(|(input, _)| input.starts_with(&prefix));
        Self(
            own.map(|(input, values)| (input[prefix.len()..].to_owned(), values.clone())).collect(),
        )
    }

    /// Puts the answers of one row of a repeating group.
    pub fn put_row(&mut self, group: &str, key: &str, row: &Self) {
        for (input, values) in row.iter() {
            self.put(format!("{group}.{key}.{input}"), values.to_vec());
        }
    }

    /// Entries in the order of input names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(input, values)| (input.as_str(), values.as_slice()))
    }

    /// Inputs whose answer differs in `after`.
    #[must_use]
    pub fn changed(&self, after: &Self) -> BTreeSet<String> {
        let inputs = self.0.keys().chain(after.0.keys());
        inputs.filter(|input| self.get(input) != after.get(input)).cloned().collect()
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Names only: the values are personal data and must not reach a log.
impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Answers {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

/// Collects pairs as a form body lists them; the same name again adds a value.
impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Answers {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut answers = Self::new();
        for (input, value) in pairs {
            answers.push(input, value);
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_is_not_the_same_as_empty() {
        let mut answers = Answers::new();
        assert!(!answers.shown("memo"));
        answers.put_one("memo", "");
        assert!(answers.shown("memo"));
        assert!(!answers.answered("memo"));
        assert_eq!(answers.first("memo"), None);
    }

    /// Personal data stays out of the logs.
    #[test]
    fn the_debug_text_names_inputs_and_hides_values() {
        let answers = Answers::from([("name.family", "山田")]);
        assert_eq!(format!("{answers:?}"), r#"{"name.family"}"#);
    }
}
