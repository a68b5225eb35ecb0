//! Changes between two documents in words.

use domain::forms::compare::{Change, Place, What};
use jiff::Timestamp;

use crate::frame::name_of;
use crate::procedures::vocabulary::{property, table, value};
use crate::site::TEXTS;
use crate::words;

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::procedures) struct Line {
    /// What it is about: `ページ「本人」 › 質問「年齢」`.
    pub place: String,
    /// What happened.
    pub what: String,
    /// How bad it is to overlook: the class of its tag.
    pub tag: &'static str,
    /// Before, when a property changed.
    pub from: String,
    /// Now, when a property changed.
    pub to: String,
}

/// Every change as a line; `departments` are `(id, name)`.
pub(in crate::procedures) fn lines(
    changes: &[Change],
    departments: &[(String, String)],
) -> Vec<Line> {
    changes.iter().map(|change| line(change, departments)).collect()
}

fn line(change: &Change, departments: &[(String, String)]) -> Line {
    let text = |key: &str| TEXTS.text(key).to_owned();
    let none = String::new;
    let (what, tag, from, to) = match &change.what {
        What::Added => (text("definition.what.added"), "tag-work", none(), none()),
        What::Removed => (text("definition.what.removed"), "tag-bad", none(), none()),
        What::Moved { behind: None } => (text("definition.what.first"), "", none(), none()),
        What::Moved { behind: Some(name) } => {
            (TEXTS.fill("definition.what.behind", &[("name", name)]), "", none(), none())
        }
        What::Entries { added, removed } => {
            let args: [(&str, &dyn std::fmt::Display); 2] =
                [("added", added), ("removed", removed)];
            (TEXTS.fill("definition.what.entries", &args), "", none(), none())
        }
        What::Became { property: path, from, to } => {
            let said = |side: &Option<String>| shown(path, side.as_deref(), departments);
            (property(path), "", said(from), said(to))
        }
    };
    Line { place: place(&change.place), what, tag, from, to }
}

fn place(place: &Place) -> String {
    let one = |(name, title): &(&'static str, String)| {
        let args: [(&str, &dyn std::fmt::Display); 2] = [("part", &table(name)), ("name", title)];
        TEXTS.fill("definition.named", &args)
    };
    match place.0.is_empty() {
        true => table("procedure"),
        false => place.0.iter().map(one).collect::<Vec<_>>().join(TEXTS.text("definition.trail")),
    }
}

/// A value as staff know it. Several values stand one a line.
fn shown(path: &str, text: Option<&str>, departments: &[(String, String)]) -> String {
    let never = (path == "required").then_some("false");
    let Some(text) = text.or(never) else {
        return TEXTS.text("definition.value.none").to_owned();
    };
    if ["department", "staff_of"].contains(&path) {
        let named = |id: &str| {
            let name = name_of(departments, id);
            if name.is_empty() { id.to_owned() } else { name }
        };
        return text.split('\n').map(named).collect::<Vec<_>>().join("\n");
    }
    if path.starts_with("open.")
        && let Ok(at) = text.parse::<Timestamp>()
    {
        return words::minute(at);
    }
    let one = |line: &str| value(path, line).map_or_else(|| line.to_owned(), str::to_owned);
    text.split('\n').map(one).collect::<Vec<_>>().join("\n")
}
