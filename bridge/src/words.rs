//! What operators and staff read, from `texts/ja/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static TEXTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let catalogues = [include_str!("../texts/ja/keys.toml"), include_str!("../texts/ja/drop.toml")];
    toml::from_str(&catalogues.concat()).expect("the catalogues are checked by a test")
});

/// The text under a name; the name itself when there is none.
#[must_use]
pub fn say(name: &str) -> String {
    TEXTS.get(name).cloned().unwrap_or_else(|| name.to_owned())
}

/// The text under a name with its `{places}` filled in.
#[must_use]
pub fn say_with(name: &str, places: &[(&str, &str)]) -> String {
    places
        .iter()
        .fold(say(name), |text, (place, value)| text.replace(&format!("{{{place}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NN-18: the operator reads Japanese, with every place filled in.
    #[test]
    fn the_catalogue_has_words() {
        assert!(TEXTS.len() > 20);
        assert!(TEXTS.values().all(|text| !text.is_empty()));
        let said = say_with("set_version", &[("before", "1"), ("now", "2")]);
        assert!(said.contains('1') && said.contains('2') && !said.contains('{'), "{said}");
        assert_eq!(say("no_such_text"), "no_such_text");
    }
}
