//! Search and categories over the procedures in memory.

use domain::forms::definition::Mode;
use domain::procedures::Period;
use jiff::Timestamp;

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

/// Procedures that have every word of `query`, of `category` if given, best first.
/// Kana, width, case and old forms of characters make no difference (NF-9).
pub(crate) fn find(shown: &Shown, query: &str, category: &str, now: Timestamp) -> Vec<Hit> {
    let of = |entry: &Entry| {
        category.is_empty() || entry.procedure().categories.iter().any(|c| c == category)
    };
    let mut hits: Vec<(u32, Hit)> = shown
        .listed
        .iter()
        .filter(|entry| of(entry))
        .filter_map(|entry| Some((entry.search.points(query)?, hit(entry, now))))
        .collect();
    // Stable: equals stay in the order of their readings.
    hits.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// Open procedures that end within two weeks, soonest first.
pub(crate) fn closing_soon(shown: &Shown, now: Timestamp) -> Vec<Hit> {
    let limit = now + jiff::SignedDuration::from_hours(24 * SOON_DAYS);
    let mut soon: Vec<(Timestamp, Hit)> = shown
        .listed
        .iter()
        .filter(|entry| entry.procedure().open.at(now).may_begin())
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
    match (entry.procedure().mode, entry.procedure().open.at(now)) {
        (Mode::Download, _) => (TEXTS.text("procedures.badge.download"), "plain"),
        (Mode::Online, Period::NotYet { .. }) => (TEXTS.text("procedures.badge.before"), "plain"),
        (Mode::Online, Period::Open { .. }) => (TEXTS.text("procedures.badge.open"), "open"),
        (Mode::Online, Period::Grace { .. } | Period::Closed { .. }) => {
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
