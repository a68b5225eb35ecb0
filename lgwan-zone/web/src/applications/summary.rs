//! Answers as pages show them: label, lines, what a correction changed, where
//! an answer came from.

use std::collections::BTreeMap;

use domain::forms::definition::{Field, FieldKind};
use domain::forms::{Answers, Compiled};
use jiff::civil::Date;
use lgwan_zone_store::applications::rows::Attachment;

use crate::site::TEXTS;

/// One page of the form.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
}

/// One question and its answer.
pub(super) struct Row {
    pub(super) field: String,
    pub(super) label: String,
    pub(super) lines: Vec<String>,
    pub(super) changed: bool,
    pub(super) was: Option<String>,
    pub(super) source: Option<String>,
    pub(super) chosen: bool,
}

/// What the summary is drawn from.
pub(super) struct Drawn<'a> {
    pub(super) form: &'a Compiled,
    pub(super) answers: &'a Answers,
    /// Answers of the round before.
    pub(super) before: Option<&'a Answers>,
    pub(super) provenance: &'a BTreeMap<String, String>,
    pub(super) files: &'a [Attachment],
    pub(super) today: Date,
}

pub(super) fn pages(drawn: &Drawn<'_>) -> Vec<Page> {
    drawn
        .form
        .summary(drawn.answers, drawn.today)
        .into_iter()
        .map(|page| Page {
            title: page.page.title.ja().to_owned(),
            rows: page.rows.into_iter().map(|row| one(drawn, row.field, row.lines)).collect(),
        })
        .filter(|page| !page.rows.is_empty())
        .collect()
}

fn one(drawn: &Drawn<'_>, field: &Field, lines: Vec<String>) -> Row {
    let lines = named(drawn, field, lines);
    let was = drawn.before.map(|before| {
        let lines = drawn.form.display(field, before);
        named(drawn, field, lines)
    });
    let changed = was.as_ref().is_some_and(|was| *was != lines);
    let separator = TEXTS.text("applications.slash");
    Row {
        field: field.id.clone(),
        label: field.label.ja().to_owned(),
        was: was.filter(|_| changed).map(|was| {
            if was.is_empty() {
                TEXTS.text("applications.nothing").to_owned()
            } else {
                was.join(separator)
            }
        }),
        changed,
        source: source(drawn.provenance, &field.id),
        lines,
        chosen: false,
    }
}

/// A file field holds ids; people read names.
fn named(drawn: &Drawn<'_>, field: &Field, lines: Vec<String>) -> Vec<String> {
    if !matches!(field.kind, FieldKind::File(_)) {
        return lines;
    }
    lines
        .into_iter()
        .map(|id| {
            drawn.files.iter().find(|file| file.id == id).map_or(id, |file| file.name.clone())
        })
        .collect()
}

/// Where the answer came from, when it was not simply typed.
fn source(provenance: &BTreeMap<String, String>, field: &str) -> Option<String> {
    let dotted = format!("{field}.");
    let words = provenance
        .iter()
        .find(|(input, _)| *input == field || input.starts_with(&dotted))
        .map(|(_, source)| source.as_str())?;
    TEXTS.get(&format!("applications.provenance.{words}")).map(str::to_owned)
}
