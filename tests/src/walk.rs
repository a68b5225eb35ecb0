//! A walk through the pages of a zone, in two windows: what axe and our own checks find.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::browser::{Browser, Screen, Script};
use crate::checks::{self, Found};
use crate::gallery::Gallery;
use crate::sheet::Sheet;
use crate::visitor::Visitor;

/// The language that every page has.
const JAPANESE: &str = "ja";
/// The citizens' cookie that keeps language, size of letters and furigana.
const VIEW: &str = "__Host-madoguchi-view";

/// No page of anybody.
const NOWHERE: &str = "about:blank";

/// Pages that ask before something that cannot be taken back.
const ASKING: [&str; 4] = ["/check", "/discard", "/withdraw", "/end"];

/// Two windows, and what they have seen.
#[derive(Debug)]
pub struct Walk {
    zone: &'static str,
    site: String,
    windows: [Browser; 2],
    seen: BTreeSet<String>,
    sheet: Sheet,
    /// The page with this title.
    titles: BTreeMap<String, String>,
    /// Which link came before which, in headers and footers.
    order: BTreeSet<(String, String)>,
    /// Words of a link in headers and footers.
    names: BTreeMap<String, String>,
    /// Languages in which the pages are looked at.
    languages: &'static [&'static str],
    gallery: Option<Gallery>,
}

impl Walk {
    /// Begins at the site on this port. With `MADOGUCHI_GALLERY=FOLDER` in the environment
    /// it takes pictures instead of checking.
    pub async fn at(zone: &'static str, port: u16) -> Self {
        let gallery = std::env::var_os("MADOGUCHI_GALLERY")
            .map(|folder| Gallery::in_folder(PathBuf::from(folder), zone));
        let small = if gallery.is_some() { Screen::Phone } else { Screen::Narrow };
        let windows = [
            Browser::open(Screen::Desktop, Script::On).await,
            Browser::open(small, Script::On).await,
        ];
        Self {
            zone,
            site: format!("http://localhost:{port}"),
            windows,
            seen: BTreeSet::new(),
            sheet: Sheet::default(),
            titles: BTreeMap::new(),
            order: BTreeSet::new(),
            names: BTreeMap::new(),
            languages: &[JAPANESE],
            gallery,
        }
    }

    /// Looks at every page in these languages.
    #[must_use]
    pub fn in_languages(mut self, languages: &'static [&'static str]) -> Self {
        self.languages = languages;
        self
    }

    /// Looks at pages as this visitor: the pattern of the route, the path. The wide window
    /// is Japanese; the narrow one has every language, and axe for one of them a page.
    ///
    /// # Panics
    /// When a path leads elsewhere.
    pub async fn looks(&mut self, visitor: &Visitor, pages: &[(&str, &str)]) {
        self.window(true).takes_over(&self.site, visitor.cookies()).await;
        for (pattern, path) in pages {
            self.goes(true, pattern, path).await;
            if self.gallery.is_some() {
                self.takes_a_picture(true, pattern).await;
            } else {
                self.checks_wide(pattern).await;
            }
        }
        // A page that is left open has a clock of its own: at the terminal it ends the session.
        self.window(true).goto(NOWHERE).await;
        for (turn, language) in self.languages.iter().enumerate() {
            let mut cookies = visitor.cookies().clone();
            if *language != JAPANESE {
                cookies.insert(VIEW.to_owned(), format!("{language}.normal.furigana"));
            }
            self.window(false).takes_over(&self.site, &cookies).await;
            for (place, (pattern, path)) in pages.iter().enumerate() {
                self.goes(false, pattern, path).await;
                if self.gallery.is_some() {
                    self.takes_a_picture(false, pattern).await;
                } else {
                    let its_turn = (self.seen.len() + place) % self.languages.len() == turn;
                    self.checks_narrow(pattern, language, its_turn).await;
                }
            }
            if self.gallery.is_some() {
                break;
            }
        }
        self.window(false).goto(NOWHERE).await;
        self.seen.extend(pages.iter().map(|(pattern, _)| (*pattern).to_owned()));
    }

    const fn window(&self, wide: bool) -> &Browser {
        let [desk, small] = &self.windows;
        if wide { desk } else { small }
    }

    async fn goes(&self, wide: bool, pattern: &str, path: &str) {
        let window = self.window(wide);
        window.goto(&format!("{}{path}", self.site)).await;
        let asked = path.split_once('?').map_or(path, |(path, _)| path);
        assert_eq!(window.path().await, asked, "{pattern} leads elsewhere");
    }

    async fn takes_a_picture(&mut self, wide: bool, pattern: &str) {
        let [desk, small] = &self.windows;
        let window = if wide { desk } else { small };
        if let Some(gallery) = &mut self.gallery {
            gallery.takes(&window.window, pattern, wide).await;
        }
    }

    async fn checks_wide(&mut self, pattern: &str) {
        let page = format!("{}:{pattern}", self.zone);
        let window = &self.window(true).window;
        let outcomes = crate::axe::outcomes(window).await;
        let seen = checks::page(window, true).await;
        let mut found = vec![seen.found, checks::forced_colours(window).await];
        if ASKING.iter().any(|end| pattern.ends_with(end)) {
            found.push(checks::confirm(window).await);
        }
        found.push(checks::tab_walk(window).await);
        found.push(self.compares(pattern, &seen.title, &seen.around));
        self.sheet.axe(&page, outcomes);
        for found in found {
            self.sheet.found(&page, found);
        }
    }

    async fn checks_narrow(&mut self, pattern: &str, language: &str, with_axe: bool) {
        let page = match language {
            JAPANESE => format!("{}:{pattern}", self.zone),
            language => format!("{}:{pattern} ({language})", self.zone),
        };
        let window = &self.window(false).window;
        let seen = checks::page(window, false).await;
        if with_axe {
            let outcomes = crate::axe::outcomes(window).await;
            self.sheet.axe(&page, outcomes);
        }
        self.sheet.found(&page, seen.found);
    }

    /// Title, header and footer beside those of the pages before.
    fn compares(&mut self, pattern: &str, title: &str, around: &[(String, String)]) -> Found {
        let mut found = Found::new();
        let held = self.titles.entry(title.to_owned()).or_insert_with(|| pattern.to_owned());
        let mut titles = Vec::new();
        if held != pattern {
            titles.push(format!("{title:?} is the title of {held} too"));
        }
        found.insert("titles".to_owned(), titles);
        let (mut moved, mut renamed) = (Vec::new(), Vec::new());
        for (place, (link, words)) in around.iter().enumerate() {
            let held = self.names.entry(link.clone()).or_insert_with(|| words.clone());
            if held != words {
                renamed.push(format!("{link} is {words:?} here and {held:?} elsewhere"));
            }
            for (after, _) in &around[place + 1..] {
                if self.order.contains(&(after.clone(), link.clone())) {
                    moved.push(format!("{link} comes before {after} here, after it elsewhere"));
                } else if after != link {
                    self.order.insert((link.clone(), after.clone()));
                }
            }
        }
        found.insert("same-order".to_owned(), moved);
        found.insert("same-names".to_owned(), renamed);
        found
    }

    /// Presses the button of each form with nothing filled in, and looks at what the page says.
    pub async fn refused(&mut self, visitor: &Visitor, forms: &[(&str, &str)]) {
        for wide in [true, false] {
            let window = self.window(wide);
            window.takes_over(&self.site, visitor.cookies()).await;
            for (path, button) in forms {
                let window = self.window(wide);
                window.goto(&format!("{}{path}", self.site)).await;
                window.press(button).await;
                window.says("入力内容を確認してください").await;
                let window = &window.window;
                let told = checks::errors(window).await;
                let outcomes = crate::axe::outcomes(window).await;
                let seen = checks::page(window, wide).await;
                let page = format!("{}:{} !", self.zone, without_ids(path));
                self.sheet.axe(&page, outcomes);
                self.sheet.found(&page, told);
                self.sheet.found(&page, seen.found);
            }
        }
    }

    /// Nothing is left of the routes, nothing is wrong; the sheet is left in the folder.
    ///
    /// # Panics
    /// With the routes, or with all that is wrong.
    pub async fn ends(self, mut routes: BTreeSet<String>, but: &[&str], folder: &str, name: &str) {
        routes.retain(|route| !self.seen.contains(route) && !but.contains(&route.as_str()));
        for window in self.windows {
            window.close().await;
        }
        assert!(routes.is_empty(), "pages nobody looked at: {routes:?}");
        match self.gallery {
            Some(gallery) => gallery.ends(),
            None => self.sheet.write(folder, name),
        }
        let faults = self.sheet.faults();
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}

/// The same path for every application: `/applications/{id}/reject`.
fn without_ids(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.len() == 26 { "{id}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
