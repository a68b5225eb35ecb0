//! The words of this zone.

use std::sync::LazyLock;

use platform_web::Catalogue;

/// Every text a citizen reads, by key.
///
/// # Panics
/// At the first use, when a text file cannot be read: a mistake in the release.
pub static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::load(&[
        ("applications", include_str!("../texts/ja/applications.toml")),
        ("forms", include_str!("../texts/ja/forms.toml")),
        ("home", include_str!("../texts/ja/home.toml")),
        ("identity", include_str!("../texts/ja/identity.toml")),
        ("notices", include_str!("../texts/ja/notices.toml")),
        ("procedures", include_str!("../texts/ja/procedures.toml")),
    ])
    .expect("the text files of the release can be read")
});

#[cfg(test)]
mod tests {
    use domain::applications::State;
    use domain::forms::Code;

    use super::TEXTS;

    /// NF-8: every fault of an answer has its words; NF-34: so has every state.
    #[test]
    fn every_code_of_the_domain_has_its_words() {
        let faults = Code::ALL.iter().map(|code| code.key());
        let states = State::ALL.iter().flat_map(|state| [state.name_key(), state.next_key()]);
        for key in faults.chain(states) {
            assert!(TEXTS.get(key).is_some_and(|words| !words.is_empty()), "{key}");
        }
    }

    /// W17: a refusal without a next step helps nobody.
    #[test]
    fn every_refusal_says_what_to_do_next() {
        for key in TEXTS.keys().filter(|key| key.ends_with(".what") && !key.starts_with("web.")) {
            let room = key.trim_end_matches(".what");
            if matches!(room, "identity.sent" | "applications.guest") {
                continue;
            }
            assert!(TEXTS.get(&format!("{room}.next")).is_some(), "{room}");
        }
    }

    /// Pages hold no words of their own, and every key they name has words.
    #[test]
    fn templates_take_every_word_from_the_catalogue() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["templates", "../../platform/web/templates"] {
            let faults = platform_testkit::templates::faults(&here.join(folder), &|key| {
                TEXTS.get(key).is_some()
            });
            assert!(faults.is_empty(), "{}", faults.join("\n"));
        }
    }
}
