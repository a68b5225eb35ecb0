//! Search and categories over the procedures in memory.

use domain::forms::definition::Mode;
use domain::text::search_key;
use jiff::Timestamp;

use super::period::{self, Period};
use super::words;
use crate::shelf::{Entry, Shown};
use crate::texts::TEXTS;
use crate::urls;

/// A procedure as lists show it.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// Its page.
    pub(crate) href: String,
    /// Its title.
    pub(crate) title: String,
    /// One or two sentences.
    pub(crate) summary: String,
    /// Period in words.
    pub(crate) period: String,
    /// Word for what can be done now, and the class of its label.
    pub(crate) badge: (&'static str, &'static str),
}

/// A category with the number of its procedures.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    /// Code in the documents.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: String,
    /// How many procedures it has.
    pub(crate) count: usize,
}

/// Days before the end at which a procedure counts as closing soon.
const SOON_DAYS: i64 = 14;

/// The categories that have procedures, in the order of the city's list.
pub(crate) fn categories(shown: &Shown) -> Vec<Category> {
    let mut found: Vec<Category> = Vec::new();
    for entry in &shown.listed {
        for code in &entry.procedure().categories {
            match found.iter_mut().find(|category| category.code == *code) {
                Some(category) => category.count += 1,
                None => found.push(Category { code: code.clone(), name: name(code), count: 1 }),
            }
        }
    }
    let order = TEXTS.text("procedures.category_order");
    found.sort_by_key(|category| {
        (order.find(&category.code).unwrap_or(usize::MAX), category.code.clone())
    });
    found
}

/// Name of a category; its code when the city's list has none.
pub(crate) fn name(code: &str) -> String {
    let key = format!("procedures.category.{code}");
    TEXTS.get(&key).unwrap_or(code).to_owned()
}

/// Procedures that contain every word of `query`, of `category` if given. Kana,
/// width, case and old forms of characters make no difference (NF-9).
pub(crate) fn find(shown: &Shown, query: &str, category: &str, now: Timestamp) -> Vec<Hit> {
    let wanted: Vec<String> =
        query.split_whitespace().map(search_key).filter(|word| !word.is_empty()).collect();
    let mut hits: Vec<(usize, Hit)> = shown
        .listed
        .iter()
        .filter(|entry| {
            category.is_empty() || entry.procedure().categories.iter().any(|c| c == category)
        })
        .filter_map(|entry| rank(entry, shown, &wanted).map(|rank| (rank, hit(entry, now))))
        .collect();
    hits.sort_by_key(|(rank, _)| *rank);
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// 0 when the title has every word, 1 when they are elsewhere; `None` when one is missing.
fn rank(entry: &Entry, shown: &Shown, wanted: &[String]) -> Option<usize> {
    let procedure = entry.procedure();
    let title = search_key(&format!("{} {}", procedure.title.ja(), procedure.title_kana));
    if wanted.iter().all(|word| title.contains(word.as_str())) {
        return Some(0);
    }
    let categories: String = procedure.categories.iter().map(|code| name(code)).collect();
    let department =
        shown.department(procedure.department.as_str()).map_or("", |d| d.name.as_str());
    let rest = search_key(&format!(
        "{} {} {} {categories} {department}",
        procedure.summary.ja(),
        procedure.keywords.join(" "),
        procedure.description.ja(),
    ));
    wanted
        .iter()
        .all(|word| title.contains(word.as_str()) || rest.contains(word.as_str()))
        .then_some(1)
}

/// Open procedures that end within two weeks, soonest first.
pub(crate) fn closing_soon(shown: &Shown, now: Timestamp) -> Vec<Hit> {
    let limit = now + jiff::SignedDuration::from_hours(24 * SOON_DAYS);
    let mut soon: Vec<(Timestamp, Hit)> = shown
        .listed
        .iter()
        .filter(|entry| period::at(&entry.procedure().open, now) == Period::Open)
        .filter_map(|entry| {
            let until = entry.procedure().open.until.filter(|until| *until <= limit)?;
            Some((until, hit(entry, now)))
        })
        .collect();
    soon.sort_by_key(|(until, _)| *until);
    soon.into_iter().take(5).map(|(_, hit)| hit).collect()
}

fn hit(entry: &Entry, now: Timestamp) -> Hit {
    let procedure = entry.procedure();
    Hit {
        href: urls::procedure(&procedure.slug),
        title: procedure.title.ja().to_owned(),
        summary: procedure.summary.ja().to_owned(),
        period: period_words(entry),
        badge: badge(entry, now),
    }
}

/// What can be done with a procedure now: `(words, class)`.
pub(crate) fn badge(entry: &Entry, now: Timestamp) -> (&'static str, &'static str) {
    match (entry.procedure().mode, period::at(&entry.procedure().open, now)) {
        (Mode::Download, _) => (TEXTS.text("procedures.badge.download"), "plain"),
        (Mode::Online, Period::Before) => (TEXTS.text("procedures.badge.before"), "plain"),
        (Mode::Online, Period::Open) => (TEXTS.text("procedures.badge.open"), "open"),
        (Mode::Online, Period::Grace | Period::Over) => {
            (TEXTS.text("procedures.badge.over"), "over")
        }
    }
}

/// Class of the label for a kind of badge.
pub(crate) fn tag(kind: &str) -> &'static str {
    match kind {
        "open" => "tag-good",
        "over" => "tag-quiet",
        _ => "",
    }
}

/// The period in words; empty when it has neither begin nor end.
pub(crate) fn period_words(entry: &Entry) -> String {
    let open = &entry.procedure().open;
    match (open.from, open.until) {
        (None, None) => String::new(),
        (from, until) => {
            let word = |at: Option<Timestamp>| at.map(words::time).unwrap_or_default();
            TEXTS.fill("procedures.period_range", &[("from", &word(from)), ("until", &word(until))])
        }
    }
}
