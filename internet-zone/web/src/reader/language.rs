//! The languages of this service.

use domain::forms::definition::Lang;

use crate::texts;

/// Short name of a language in addresses, cookies and folders of texts.
pub(crate) const fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "ja",
        Lang::Easy => "ja-easy",
        Lang::En => "en",
        Lang::ZhHans => "zh-Hans",
        Lang::ZhHant => "zh-Hant",
        Lang::Ko => "ko",
    }
}

/// What stands in the `lang` attribute of a page.
pub(crate) const fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja | Lang::Easy => "ja",
        Lang::En | Lang::ZhHans | Lang::ZhHant | Lang::Ko => code(lang),
    }
}

/// What a language calls itself.
pub(crate) fn name(lang: Lang) -> &'static str {
    texts::plain(lang).text("home.view.own")
}

/// The language of a short name.
pub(crate) fn of_code(text: &str) -> Option<Lang> {
    Lang::ALL.into_iter().find(|lang| code(*lang) == text)
}

/// The language a browser asks for first, of those that are here. `Accept-Language` is a list such
/// as `zh-TW,zh;q=0.9,en;q=0.8`; the order counts, as all browsers send it by preference.
pub(super) fn of_accept(header: &str) -> Option<Lang> {
    header.split(',').take(20).find_map(|entry| of_tag(entry.split(';').next()?.trim()))
}

fn of_tag(tag: &str) -> Option<Lang> {
    let tag = tag.to_ascii_lowercase();
    let mut parts = tag.split('-');
    match parts.next()? {
        "ja" => Some(Lang::Ja),
        "en" => Some(Lang::En),
        "ko" => Some(Lang::Ko),
        "zh" => {
            let traditional = parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo"));
            Some(if traditional { Lang::ZhHant } else { Lang::ZhHans })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_is_here_counts() {
        assert_eq!(of_accept("fr-FR,fr;q=0.9,ko;q=0.8,en;q=0.7"), Some(Lang::Ko));
        assert_eq!(of_accept("zh-TW,zh;q=0.9"), Some(Lang::ZhHant));
        assert_eq!(of_accept("zh-CN"), Some(Lang::ZhHans));
        assert_eq!(of_accept("zh-Hant-HK"), Some(Lang::ZhHant));
        assert_eq!(of_accept("ja,en-US;q=0.9"), Some(Lang::Ja));
        assert_eq!((of_accept("fr"), of_accept("*"), of_accept("")), (None, None, None));
    }

    #[test]
    fn every_language_has_a_short_name_of_its_own() {
        for lang in Lang::ALL {
            assert_eq!(of_code(code(lang)), Some(lang));
        }
        assert_eq!(of_code("fr"), None);
    }
}
