//! The mails of a procedure as its applicants get them, in every language: the fixed words of the citizens'
//! zone with the paragraph of the procedure (NF-29).

use std::fmt::Display;
use std::sync::LazyLock;

use domain::applications::State;
use domain::forms::definition::{CitizenEvent, Lang, Procedure};
use platform_web::Catalogue;

use super::super::texts;
use crate::site::{Site, TEXTS};
use crate::words;

/// A mail in all languages.
pub(super) struct Mail {
    /// What it tells.
    pub(super) name: &'static str,
    /// Whether it goes out.
    pub(super) on: bool,
    /// As it reads.
    pub(super) said: Vec<Said>,
}

/// A mail in one language.
pub(super) struct Said {
    /// Name of the language.
    pub(super) name: &'static str,
    /// The language as a page names it.
    pub(super) lang: &'static str,
    pub(super) subject: String,
    pub(super) body: String,
}

/// The citizens' words of mails and states in a language.
macro_rules! words_of {
    ($folder:literal) => {
        Catalogue::load(&[
            (
                "applications",
                include_str!(concat!(
                    "../../../../../../internet-zone/web/texts/",
                    $folder,
                    "/applications.toml"
                )),
            ),
            (
                "notices",
                include_str!(concat!(
                    "../../../../../../internet-zone/web/texts/",
                    $folder,
                    "/notices.toml"
                )),
            ),
        ])
        .expect("the texts are checked by a test")
    };
}

static WORDS: LazyLock<[(Lang, &str, Catalogue); 6]> = LazyLock::new(|| {
    [
        (Lang::Ja, "ja", words_of!("ja")),
        (Lang::Easy, "ja", words_of!("ja-easy")),
        (Lang::En, "en", words_of!("en")),
        (Lang::ZhHans, "zh-Hans", words_of!("zh-Hans")),
        (Lang::ZhHant, "zh-Hant", words_of!("zh-Hant")),
        (Lang::Ko, "ko", words_of!("ko")),
    ]
});

/// Key of the words below `notices.mail`, and the state told where it tells one.
const fn template(event: CitizenEvent) -> (&'static str, State) {
    match event {
        CitizenEvent::Arrived => ("arrived", State::Arrived),
        CitizenEvent::Progress => ("state", State::Accepted),
        CitizenEvent::Result => ("state", State::Notified),
        CitizenEvent::Correction => ("correction", State::Arrived),
        CitizenEvent::Reminder => ("correction_waits", State::Arrived),
        CitizenEvent::Department => ("department_changed", State::Arrived),
        CitizenEvent::Held => ("held", State::Arrived),
        CitizenEvent::Message => ("message", State::Arrived),
        CitizenEvent::Document => ("document", State::Notified),
        CitizenEvent::Withdrawn => ("withdrawn", State::Withdrawn),
        CitizenEvent::Draft => ("draft_expires", State::Arrived),
    }
}

/// Every mail, with an invented number and day.
pub(super) fn previews(site: &Site, of: &Procedure, department: &str) -> Vec<Mail> {
    let mails = CitizenEvent::ALL.into_iter().map(|event| Mail {
        name: TEXTS
            .get(&format!("definition.value.notify.citizen.off.{}", event.word()))
            .unwrap_or_default(),
        on: of.notify.citizen.sends(event),
        said: WORDS.iter().map(|words| said(site, of, department, (event, words))).collect(),
    });
    mails.collect()
}

fn said(
    site: &Site,
    of: &Procedure,
    department: &str,
    (event, (lang, code, texts_of)): (CitizenEvent, &(Lang, &'static str, Catalogue)),
) -> Said {
    let (key, state) = template(event);
    let (city, address) = (&site.settings.city, &site.settings.citizen_url);
    let (day, time) = (words::day(site.clock.now()), words::minute(site.clock.now()));
    let link = format!("{address}/applications/");
    let args: [(&str, &dyn Display); 9] = [
        ("city", city),
        ("title", &of.title.text(*lang)),
        ("number", &TEXTS.text("design.mails.number")),
        ("time", &time),
        ("due", &day),
        ("date", &day),
        ("state", &texts_of.text(state.name_key())),
        ("department", &department),
        ("link", &link),
    ];
    let words = |part: &str| texts_of.fill(&format!("notices.mail.{key}.{part}"), &args);
    let contact = TEXTS.text("design.mails.contact");
    let foot = texts_of
        .fill("notices.mail.foot", &[("city", city), ("address", address), ("contact", &contact)]);
    let note = of.notify.citizen.note(event);
    let note = note.text(*lang).trim();
    let note = if note.is_empty() { String::new() } else { format!("\n{note}\n") };
    Said {
        name: texts::name(*lang),
        lang: code,
        subject: words("subject"),
        body: format!("{}{note}\n{foot}", words("body").trim_start()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-29: every mail that a procedure sets has its words in every language.
    #[test]
    fn every_mail_has_its_words_in_every_language() {
        for (event, (lang, _, words)) in
            CitizenEvent::ALL.into_iter().flat_map(|event| WORDS.iter().map(move |it| (event, it)))
        {
            let (key, state) = template(event);
            for key in [
                format!("notices.mail.{key}.subject"),
                format!("notices.mail.{key}.body"),
                "notices.mail.foot".to_owned(),
                state.name_key().to_owned(),
            ] {
                assert!(words.get(&key).is_some(), "{lang:?} {key}");
            }
            let name = format!("definition.value.notify.citizen.off.{}", event.word());
            assert!(TEXTS.get(&name).is_some(), "{name}");
        }
    }
}
