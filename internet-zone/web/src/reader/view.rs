//! How one visitor wants the pages, and where the page at hand is.

use domain::forms::definition::Lang;
use http::header::{ACCEPT_LANGUAGE, REFERER};
use http::{HeaderMap, Method, Uri};
use platform_web::cookies::{self, Cookie};

use super::language::{code, of_accept, of_code, tag};

/// Name of the cookie.
pub(crate) const COOKIE: &str = "__Host-madoguchi-view";
/// A year: the choice is the visitor's, and no person stands behind it.
const SECONDS: u32 = 365 * 24 * 60 * 60;

tokio::task_local! {
    /// The view of the request at hand.
    pub(super) static VIEW: View;
}

/// Size of the letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Size {
    /// As the browser is set.
    #[default]
    Normal,
    /// A quarter larger.
    Large,
    /// Half as large again.
    Largest,
}

impl Size {
    /// All, in the order of the switch.
    pub(crate) const ALL: [Self; 3] = [Self::Normal, Self::Large, Self::Largest];

    /// In addresses and in the cookie.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Large => "large",
            Self::Largest => "largest",
        }
    }

    fn of_code(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.code() == text)
    }
}

/// How the visitor wants the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// The language.
    pub(crate) lang: Lang,
    /// Size of the letters.
    pub(crate) size: Size,
    /// Readings above the words of やさしい日本語.
    pub(crate) furigana: bool,
    /// A language the browser asks for, while the visitor has not chosen one.
    pub(crate) offer: Option<Lang>,
    /// Whether the visitor chose anything.
    chosen: bool,
    /// Path and query of the page at hand, without what this module reads of it.
    here: String,
}

impl Default for View {
    fn default() -> Self {
        Self {
            lang: Lang::Ja,
            size: Size::Normal,
            furigana: true,
            offer: None,
            chosen: false,
            here: "/".to_owned(),
        }
    }
}

impl View {
    /// The view of the request at hand; the default outside one.
    pub(crate) fn now() -> Self {
        VIEW.try_with(Clone::clone).unwrap_or_default()
    }

    /// Language and furigana of the request at hand.
    pub(crate) fn language() -> (Lang, bool) {
        VIEW.try_with(|view| (view.lang, view.furigana)).unwrap_or((Lang::Ja, false))
    }

    /// The language of the request at hand, when its visitor chose how to read.
    pub(crate) fn chosen() -> Option<Lang> {
        VIEW.try_with(|view| view.chosen.then_some(view.lang)).unwrap_or_default()
    }

    /// Reads what a request says of its visitor.
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let mut view = Self { here: here(method, uri, headers), ..Self::default() };
        match cookies::read(headers, COOKIE) {
            Some(cookie) => view.read(cookie),
            None => {
                let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
                view.offer = asked.and_then(of_accept).filter(|lang| *lang != Lang::Ja);
            }
        }
        view
    }

    fn read(&mut self, cookie: &str) {
        let mut parts = cookie.split('.');
        let lang = parts.next().and_then(of_code);
        self.chosen = lang.is_some();
        self.lang = lang.unwrap_or(Lang::Ja);
        self.size = parts.next().and_then(Size::of_code).unwrap_or_default();
        self.furigana = parts.next() != Some("plain");
    }

    /// The cookie that keeps it.
    pub(super) fn cookie(&self) -> Cookie {
        let furigana = if self.furigana { "furigana" } else { "plain" };
        let value = format!("{}.{}.{furigana}", code(self.lang), self.size.code());
        Cookie::new(COOKIE, value).for_seconds(SECONDS)
    }

    /// The view after what a query wishes, and the query without it; `None` when it wishes nothing.
    pub(super) fn wished(&self, query: &str) -> Option<(Self, String)> {
        let (mut view, mut wishes, mut rest) = (self.clone(), 0, Vec::new());
        for pair in query.split('&') {
            if let Some(lang) = pair.strip_prefix("lang=") {
                view.lang = of_code(lang).unwrap_or(view.lang);
            } else if let Some(size) = pair.strip_prefix("text-size=") {
                view.size = Size::of_code(size).unwrap_or(view.size);
            } else if let Some(furigana) = pair.strip_prefix("furigana=") {
                view.furigana = furigana != "no";
            } else {
                rest.push(pair);
                continue;
            }
            wishes += 1;
        }
        (wishes > 0).then(|| (view, rest.join("&")))
    }

    /// The address of this page that wishes something: `lang`, `en`.
    pub(crate) fn link(&self, name: &str, value: &str) -> String {
        let joint = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{joint}{name}={value}", self.here)
    }

    /// Path and query of the page at hand.
    pub(crate) fn here(&self) -> &str {
        &self.here
    }

    /// What stands in the `lang` attribute of the page.
    pub(crate) const fn tag(&self) -> &'static str {
        tag(self.lang)
    }
}

/// The page a visitor looks at: for a form that came back with errors, the page it was on.
fn here(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    if *method == Method::GET || *method == Method::HEAD {
        return uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
    }
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let page = referer.and_then(|address| address.parse::<Uri>().ok());
    let page = page.and_then(|page| page.path_and_query().map(|here| here.as_str().to_owned()));
    page.unwrap_or_else(|| uri.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(method: &Method, address: &str, lines: &[(http::HeaderName, &str)]) -> View {
        let headers =
            lines.iter().map(|(name, value)| (name.clone(), value.parse().expect("ASCII")));
        View::of(method, &address.parse().expect("an address"), &headers.collect())
    }

    /// Japanese is the rule; what the browser asks for is an offer, and no longer one when the
    /// visitor chose.
    #[test]
    fn a_first_visit_is_japanese_and_offers_the_language_of_the_browser() {
        let first = view(&Method::GET, "/", &[(ACCEPT_LANGUAGE, "en-US,ja;q=0.5")]);
        assert_eq!((first.lang, first.offer), (Lang::Ja, Some(Lang::En)));
        let (chosen, rest) = first.wished("q=a%26b&lang=ko&category=tax").expect("a wish");
        assert_eq!((chosen.lang, rest.as_str()), (Lang::Ko, "q=a%26b&category=tax"));
        let cookie = chosen.cookie().header();
        let sent = cookie.to_str().expect("ASCII").split(';').next().expect("a pair");
        let lines = [(http::header::COOKIE, sent), (ACCEPT_LANGUAGE, "en")];
        let second = view(&Method::GET, "/", &lines);
        assert_eq!((second.lang, second.offer), (Lang::Ko, None));
        assert!(second.wished("q=1").is_none() && second.wished("").is_none());
    }

    #[test]
    fn the_switch_leads_back_to_the_same_page() {
        let list = view(&Method::GET, "/procedures?q=a&page=2", &[]);
        assert_eq!(list.link("lang", "en"), "/procedures?q=a&page=2&lang=en");
        let from = [(REFERER, "https://city.example/drafts/1/check?changed=1")];
        let sent = view(&Method::POST, "/drafts/1/submit", &from);
        assert_eq!(sent.link("text-size", "large"), "/drafts/1/check?changed=1&text-size=large");
        assert_eq!(view(&Method::POST, "/login", &[]).link("lang", "ko"), "/login?lang=ko");
    }

    #[test]
    fn a_broken_cookie_is_the_default() {
        let odd = view(&Method::GET, "/", &[(http::header::COOKIE, "__Host-madoguchi-view=xx.yy")]);
        assert_eq!((odd.lang, odd.size, odd.furigana), (Lang::Ja, Size::Normal, true));
    }
}
