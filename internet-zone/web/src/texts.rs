//! The words of this zone, in the languages of its readers.
//!
//! `texts/ja` is what everything else is made from. A translation has the same files in
//! `texts/<language>`, one more for the words of the platform (`web.toml`), and `made-from.txt`.

use std::ops::Deref;
use std::sync::LazyLock;

use domain::forms::definition::Lang;
use platform_web::Catalogue;
use platform_web::catalogue::BadTexts;
use platform_web::translation::{Gap, Translation};

use crate::reader::{View, code, marks};

mod readings;

/// The files of one language.
struct Files {
    rooms: &'static [(&'static str, &'static str)],
    /// Whole pages: key and text.
    documents: &'static [(&'static str, &'static str)],
}

macro_rules! files {
    ($language:literal) => {
        Files {
            rooms: &[
                room!($language, "applications"),
                room!($language, "forms"),
                room!($language, "home"),
                room!($language, "identity"),
                room!($language, "notices"),
                room!($language, "procedures"),
                room!($language, "terminals"),
            ],
            documents: &[
                document!($language, "accessibility"),
                document!($language, "guide"),
                document!($language, "privacy"),
                document!($language, "terms"),
            ],
        }
    };
}

macro_rules! room {
    ($language:literal, $room:literal) => {
        ($room, include_str!(concat!("../texts/", $language, "/", $room, ".toml")))
    };
}

macro_rules! document {
    ($language:literal, $name:literal) => {
        (
            concat!("documents.", $name),
            include_str!(concat!("../texts/", $language, "/", $name, ".md")),
        )
    };
}

macro_rules! translation {
    ($language:literal) => {
        translation(
            &files!($language),
            room!($language, "web"),
            include_str!(concat!("../texts/", $language, "/made-from.txt")),
        )
    };
}

fn japanese() -> Result<Catalogue, BadTexts> {
    let files = files!("ja");
    let texts = Catalogue::load(files.rooms)?;
    Ok(files.documents.iter().fold(texts, |texts, (key, text)| texts.and(*key, *text)))
}

fn translation(files: &Files, web: (&str, &str), record: &str) -> Result<Translation, BadTexts> {
    let rooms: Vec<(&str, &str)> = files.rooms.iter().copied().chain([web]).collect();
    let texts = Translation::load(&rooms, record)?;
    let there = files.documents.iter().filter(|(_, text)| !text.trim().is_empty());
    Ok(there.fold(texts, |texts, (key, text)| texts.and(*key, *text)))
}

fn translated(lang: Lang) -> Result<Option<Translation>, BadTexts> {
    match lang {
        Lang::Ja => Ok(None),
        Lang::Easy => translation!("ja-easy").map(Some),
        Lang::En => translation!("en").map(Some),
        Lang::ZhHans => translation!("zh-Hans").map(Some),
        Lang::ZhHant => translation!("zh-Hant").map(Some),
        Lang::Ko => translation!("ko").map(Some),
    }
}

/// Every catalogue, ready to be read.
struct Library {
    /// One for each of [`Lang::ALL`], in its order.
    plain: Vec<Catalogue>,
    /// やさしい日本語 with readings.
    furigana: Catalogue,
}

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let first = japanese().expect("the text files of the release can be read");
    let told = |lang| {
        let texts = translated(lang).expect("the text files of the release can be read");
        texts.map_or_else(|| first.clone(), |texts| texts.over(&first, marks::left))
    };
    let furigana = told(Lang::Easy).map(readings::above);
    Library { plain: Lang::ALL.into_iter().map(told).collect(), furigana }
});

/// The texts of a language. What is not translated is Japanese, and marked.
pub(crate) fn in_language(lang: Lang, furigana: bool) -> &'static Catalogue {
    if furigana && lang == Lang::Easy {
        return &LIBRARY.furigana;
    }
    let nth = Lang::ALL.iter().position(|known| *known == lang).unwrap_or_default();
    &LIBRARY.plain[nth]
}

/// The same without readings.
pub(crate) fn plain(lang: Lang) -> &'static Catalogue {
    in_language(lang, false)
}

/// Every text a citizen reads, by key, in the language of the request at hand; outside a request
/// in Japanese.
pub static TEXTS: Texts = Texts(());

/// The catalogue of whoever reads.
#[derive(Debug)]
pub struct Texts(());

impl Texts {
    /// Reads every language.
    ///
    /// # Panics
    /// When a text file cannot be read: a mistake in the release.
    pub fn check(&self) {
        LazyLock::force(&LIBRARY);
    }
}

impl Deref for Texts {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        let (lang, furigana) = View::language();
        in_language(lang, furigana)
    }
}

/// What the translations lack: language, key and gap, in the order of the languages and keys.
///
/// # Errors
/// [`BadTexts`] when a file cannot be read.
pub fn gaps() -> Result<Vec<(&'static str, String, Gap)>, BadTexts> {
    let first = japanese()?;
    let mut all = Vec::new();
    for lang in Lang::ALL {
        if let Some(texts) = translated(lang)? {
            all.extend(texts.gaps(&first).into_iter().map(|(key, gap)| (code(lang), key, gap)));
        }
    }
    Ok(all)
}

/// The record `made-from.txt` of a language after the texts of `keys` were translated from the
/// present Japanese; all keys when none is given. `None` for an unknown language.
///
/// # Errors
/// [`BadTexts`] when a file cannot be read.
pub fn record(language: &str, keys: &[&str]) -> Result<Option<String>, BadTexts> {
    let first = japanese()?;
    let Some(lang) = Lang::ALL.into_iter().find(|lang| code(*lang) == language) else {
        return Ok(None);
    };
    let all: Vec<&str> = first.keys().collect();
    let texts = translated(lang)?;
    Ok(texts.map(|texts| texts.recorded(&first, if keys.is_empty() { &all } else { keys })))
}

#[cfg(test)]
mod tests {
    use domain::applications::State;
    use domain::forms::Code;
    use internet_zone_store::applications::status::Turn;

    use super::*;

    /// NF-8: every fault of an answer has its words; NF-34: so has every state.
    #[test]
    fn every_code_of_the_domain_has_its_words() {
        let faults = Code::ALL.iter().map(|code| code.key());
        let states = State::ALL.iter().flat_map(|state| [state.name_key(), state.next_key()]);
        let turns = Turn::ALL.iter().map(|turn| turn.words_key());
        for key in faults.chain(states).chain(turns) {
            assert!(TEXTS.get(key).is_some_and(|words| !words.is_empty()), "{key}");
        }
    }

    /// The manual calls the states what the pages call them.
    #[test]
    fn the_manual_names_every_state() {
        let manual = include_str!("../../../docs/manuals/citizen.md");
        for state in State::ALL {
            let name = TEXTS.text(state.name_key());
            assert!(manual.contains(name), "{name}");
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

    /// A translation has the names of its Japanese, says something, and knows what it was made
    /// from. What is missing, stale or surplus is listed by `cargo xtask texts`.
    #[test]
    fn no_translation_is_wrong_in_itself() {
        let gaps = gaps().expect("the files can be read");
        let wrong = gaps.iter().filter(|(_, _, gap)| gap.is_mistake());
        let wrong: Vec<String> =
            wrong.map(|(lang, key, gap)| format!("{lang} {key}: {gap}")).collect();
        assert!(wrong.is_empty(), "{}\n(cargo xtask texts says what to do)", wrong.join("\n"));
    }

    /// Nobody ever reads an empty text or a key: each language has something for every key.
    #[test]
    fn every_language_has_something_to_say_for_every_key() {
        for lang in Lang::ALL {
            let texts = plain(lang);
            for key in plain(Lang::Ja).keys() {
                let (ja, told) = (plain(Lang::Ja).text(key), texts.text(key));
                assert!(!told.is_empty() || ja.is_empty(), "{}: {key}", code(lang));
            }
        }
    }

    /// Hard words of やさしい日本語 all have a reading.
    #[test]
    fn every_kanji_of_easy_japanese_has_its_reading() {
        let texts = translated(Lang::Easy).expect("the files can be read").expect("a translation");
        let first = japanese().expect("the files can be read");
        let easy = texts.over(&first, |_| String::new());
        let bare: Vec<String> = easy
            .keys()
            .filter_map(|key| Some((key, readings::uncovered(easy.text(key))?)))
            .map(|(key, word)| format!("{key}: {word}"))
            .collect();
        assert!(bare.is_empty(), "{}", bare.join("\n"));
    }
}
