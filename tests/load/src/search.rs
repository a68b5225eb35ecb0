//! The search of the citizens' zone over many procedures (NF-9): every word over every folded text,
//! ranked, as a page of the search does it in memory. The floor looks for the same word in one text
//! as long as all of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::forms::definition::{Lang, Procedure};
use domain::procedures::SearchEntry;
use domain::text::search_key;
use serde_json::{Value, json};

use crate::client::Figures;
use crate::line::{Goal, line};

const GOAL: Goal = Goal::AtMost(50.0);
const SAMPLES: [&str; 3] = [
    include_str!("../../../deploy/sample-city/procedures/01-juminhyo.json"),
    include_str!("../../../deploy/sample-city/procedures/02-jido-teate.json"),
    include_str!("../../../deploy/sample-city/procedures/05-koho-anketo.json"),
];
/// What people type, and in which language they read.
const QUERIES: [(&str, &str, Lang); 5] = [
    ("one word", "住民票", Lang::Ja),
    ("half-width kana, two words", "ｼﾞｭｳﾐﾝ 写し", Lang::Ja),
    ("in English", "moving house", Lang::En),
    ("a slip, then near", "じゅうみひょう", Lang::Ja),
    ("nothing, then near", "宇宙旅行の届出について", Lang::Ja),
];

/// Searches so many procedures so often with each query.
///
/// # Errors
/// When a sample is no procedure.
pub fn measure(procedures: usize, times: usize) -> Result<(), String> {
    let entries = (0..procedures).map(entry).collect::<Result<Vec<_>, _>>()?;
    let whole: String = entries.iter().map(|(_, title)| title.as_str()).collect();
    for (what, query, lang) in QUERIES {
        let word = search_key(query);
        let (mut took, mut bare) = (Vec::new(), Vec::new());
        let begun = Instant::now();
        for _ in 0..times {
            took.push(time(|| search(&entries, query, lang)));
            bare.push(time(|| whole.matches(&word).count()));
        }
        let all = begun.elapsed();
        let (took, bare) = (Figures::of(took, 0, all), Figures::of(bare, 0, all));
        for percent in [50, 99] {
            let name = format!("search of {procedures}, {what}, p{percent}");
            line(&name, "ms", took.within(percent), Some(bare.within(percent)), GOAL);
        }
    }
    Ok(())
}

fn time<T>(what: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    black_box(what());
    begun.elapsed()
}

/// What fits, best first; what comes near when nothing does.
fn search(entries: &[(SearchEntry, String)], query: &str, lang: Lang) -> Vec<(u32, usize)> {
    let ranked = |points: &dyn Fn(&SearchEntry) -> Option<u32>| {
        let hits = entries.iter().enumerate();
        let mut hits: Vec<(u32, usize)> =
            hits.filter_map(|(at, (entry, _))| Some((points(entry)?, at))).collect();
        hits.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        hits
    };
    let hits = ranked(&|entry| entry.points(query, lang));
    if hits.is_empty() { ranked(&|entry| entry.points_near(query, lang)) } else { hits }
}

/// One of many: a sample with a number in its texts, so that no two are alike.
fn entry(number: usize) -> Result<(SearchEntry, String), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let mut document: Value =
        serde_json::from_str(SAMPLES[number % SAMPLES.len()]).map_err(|error| words(&error))?;
    let title = document["title"]["ja"].as_str().or_else(|| document["title"].as_str());
    let title = format!("{}（第{number}号）", title.unwrap_or_default());
    document["slug"] = json!(format!("p-{number}"));
    match document["title"].as_object_mut() {
        Some(each) => drop(each.insert("ja".to_owned(), json!(title))),
        None => document["title"] = json!(title),
    }
    let procedure =
        Procedure::from_json(document.to_string().as_bytes()).map_err(|error| words(&error))?;
    Ok((SearchEntry::of(&procedure), search_key(&title)))
}
