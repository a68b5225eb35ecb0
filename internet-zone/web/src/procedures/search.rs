//! Search and categories over the procedures in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::forms::definition::{Audience, Mode, Procedure, Sex};
use domain::procedures::Period;
use domain::text::KanaRow;
use jiff::Timestamp;

use super::words;
use crate::reader::{self, said};
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

/// What somebody looks for; what is empty does not matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// Words, as typed.
    pub(crate) query: String,
    /// Code of a category (NF-53).
    pub(crate) category: String,
    /// Code of an event of life (NF-53).
    pub(crate) life: String,
    /// Identifier of a department.
    pub(crate) department: String,
    /// Key of an audience (NF-28).
    pub(crate) audience: String,
    /// Age of the person it is for (NF-28).
    pub(crate) age: Option<u8>,
    /// Sex of the person it is for (NF-28).
    pub(crate) sex: Option<Sex>,
    /// Row of the 五十音 list.
    pub(crate) row: Option<KanaRow>,
    /// Only what is for somebody like the one who searches (NF-28).
    pub(crate) own: Option<Own>,
}

/// What an account knows of its owner that procedures are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Own {
    /// From the day of birth, today.
    pub(crate) age: Option<u8>,
    /// As it was registered.
    pub(crate) sex: Option<Sex>,
}

impl Own {
    /// Whether anything is known.
    pub(crate) const fn is_known(self) -> bool {
        self.age.is_some() || self.sex.is_some()
    }
}

/// Whether a procedure is for people of this age and sex, as far as both are known.
fn is_for(procedure: &Procedure, age: Option<u8>, sex: Option<Sex>) -> bool {
    age.is_none_or(|age| procedure.ages.is_none_or(|ages| ages.hold(age)))
        && sex.is_none_or(|sex| procedure.sex.is_none_or(|one| one == sex))
}

impl Wish {
    fn takes(&self, entry: &Entry) -> bool {
        let procedure = entry.procedure();
        let among = |codes: &[String], code: &String| code.is_empty() || codes.contains(code);
        let audience = audience(&self.audience);
        among(&procedure.categories, &self.category)
            && among(&procedure.life_events, &self.life)
            && (self.department.is_empty() || procedure.department.as_str() == self.department)
            && audience.is_none_or(|one| procedure.audience.contains(&one))
            && is_for(procedure, self.age, self.sex)
            && self.own.is_none_or(|own| is_for(procedure, own.age, own.sex))
            && self.row.is_none_or(|row| entry.search.row() == Some(row))
    }

    /// Whether more than words and category was asked for.
    pub(crate) fn is_detailed(&self) -> bool {
        !self.life.is_empty()
            || !self.department.is_empty()
            || !self.audience.is_empty()
            || self.age.is_some()
            || self.sex.is_some()
            || self.row.is_some()
            || self.own.is_some()
    }
}

/// Audiences a citizen can choose among, with their keys in addresses.
pub(crate) const AUDIENCES: [(Audience, &str); 2] =
    [(Audience::Citizen, "citizen"), (Audience::Corporation, "corporation")];

fn audience(key: &str) -> Option<Audience> {
    AUDIENCES.into_iter().find(|(_, known)| *known == key).map(|(one, _)| one)
}

/// What a search found, best first.
pub(crate) struct Found {
    /// The procedures.
    pub(crate) hits: Vec<Arc<Entry>>,
    /// Whether nothing has every word and these come near.
    pub(crate) near: bool,
}

/// Procedures that have every word; when none has, those that come near. Kana, width,
/// case and old forms of characters make no difference (NF-9). What is read in a translation is found by
/// its words too.
pub(crate) fn find(shown: &Shown, wish: &Wish) -> Found {
    let lang = reader::lang();
    let hits = ranked(shown, wish, |entry| entry.search.points(&wish.query, lang));
    if !hits.is_empty() {
        return Found { hits, near: false };
    }
    let hits = ranked(shown, wish, |entry| entry.search.points_near(&wish.query, lang));
    Found { near: !hits.is_empty(), hits }
}

fn ranked(shown: &Shown, wish: &Wish, points: impl Fn(&Entry) -> Option<u32>) -> Vec<Arc<Entry>> {
    let wanted = shown.listed.iter().filter(|entry| wish.takes(entry));
    let mut hits: Vec<(u32, &Arc<Entry>)> =
        wanted.filter_map(|entry| Some((points(entry)?, entry))).collect();
    // Stable: equals stay in the order of their readings.
    hits.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    hits.into_iter().map(|(_, entry)| Arc::clone(entry)).collect()
}

/// Codes and names of what the listed procedures have, in the order of the city's list.
pub(crate) fn life_events(shown: &Shown) -> Vec<(String, String)> {
    let codes = shown.listed.iter().flat_map(|entry| &entry.procedure().life_events);
    let order = TEXTS.text("procedures.life_order");
    let mut codes: Vec<&String> = codes.collect::<BTreeSet<_>>().into_iter().collect();
    codes.sort_by_key(|code| order.find(code.as_str()).unwrap_or(usize::MAX));
    let name =
        |code: &String| TEXTS.get(&format!("procedures.life.{code}")).unwrap_or(code).to_owned();
    codes.into_iter().map(|code| (code.clone(), name(code))).collect()
}

/// Departments that have listed procedures: identifier and name.
pub(crate) fn departments(shown: &Shown) -> Vec<(String, String)> {
    let ids = shown.listed.iter().map(|entry| entry.procedure().department.as_str());
    let ids: BTreeSet<&str> = ids.collect();
    let known = ids.into_iter().filter_map(|id| shown.department(id));
    known.map(|one| (one.id.clone(), one.name.clone())).collect()
}

/// Rows of the 五十音 list that have procedures.
pub(crate) fn rows(shown: &Shown) -> Vec<(KanaRow, String)> {
    let has = |row: KanaRow| shown.listed.iter().any(|entry| entry.search.row() == Some(row));
    let name = |row: KanaRow| TEXTS.text(&format!("procedures.row.{}", row.key())).to_owned();
    KanaRow::all().filter(|row| has(*row)).map(|row| (row, name(row))).collect()
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

pub(crate) fn hit(entry: &Entry, now: Timestamp) -> Hit {
    let procedure = entry.procedure();
    Hit {
        href: urls::procedure(&procedure.slug),
        title: said(&procedure.title),
        summary: said(&procedure.summary),
        period: period_words(entry),
        badge: badge(entry, now),
    }
}

/// What can be done with a procedure now: `(words, class)`.
pub(crate) fn badge(entry: &Entry, now: Timestamp) -> (&'static str, &'static str) {
    match (entry.procedure().mode, entry.procedure().open.at(now)) {
        (Mode::Guide, _) => (TEXTS.text("procedures.badge.guide"), "plain"),
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
