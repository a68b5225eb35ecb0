//! キー操作: which key stands for what; each is a link, a button or a field of the page as well.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use platform_web::{Html, PageResult, Visitor};

use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "identity/keys.html")]
struct KeysPage {
    frame: Frame,
    /// A place: its name, and its keys with what they do.
    places: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
}

/// Where which keys work.
const PLACES: [(&str, &[&str]); 4] = [
    ("everywhere", &["i", "o", "?"]),
    ("inbox", &["/", "j", "k", "Enter", "x", "n", "p"]),
    ("application", &["1", "2", "3", "4", "5", "6", "a", "c", "m", "e"]),
    ("check", &["n", "p", "s"]),
];

/// Shows the keys.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let name = |place: &str, key: &str| {
        let key = match key {
            "?" => "help",
            "/" => "search",
            other => other,
        };
        TEXTS.get(&format!("identity.keys.{place}.{key}")).unwrap_or_default()
    };
    let places = PLACES.map(|(place, keys)| {
        (name(place, "title"), keys.iter().map(|key| (*key, name(place, key))).collect())
    });
    let frame = Frame::of(&site, &who, &visitor, Place::Elsewhere);
    Ok(Html(KeysPage { frame, places: places.to_vec() }).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key that is listed says what it does.
    #[test]
    fn every_key_has_words() {
        for (place, keys) in PLACES {
            for key in keys.iter().copied().chain(["title"]) {
                let key = key.replace('?', "help").replace('/', "search");
                let words = TEXTS.get(&format!("identity.keys.{place}.{key}"));
                assert!(words.is_some_and(|words| !words.is_empty()), "{place} {key}");
            }
        }
    }
}
