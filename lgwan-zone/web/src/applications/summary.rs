//! Answers as pages show them: label, lines, what a correction changed, where
//! an answer came from.

use std::collections::{BTreeMap, BTreeSet};

use domain::forms::definition::{Field, FieldKind};
use domain::forms::display::{SummaryPage, SummaryRow};
use domain::forms::{Answers, Compiled};
use jiff::civil::Date;
use lgwan_zone_store::applications::rows::Attachment;

use crate::site::TEXTS;

/// One page of the form.
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
}

/// One question and its answer.
pub(crate) struct Row {
    pub(crate) field: String,
    pub(crate) label: String,
    pub(crate) lines: Vec<String>,
    pub(crate) changed: bool,
    pub(crate) was: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) chosen: bool,
}

/// What the summary is drawn from.
pub(crate) struct Drawn<'a> {
    pub(crate) form: &'a Compiled,
    pub(crate) answers: &'a Answers,
    /// Answers of the round before.
    pub(crate) before: Option<&'a Answers>,
    pub(crate) provenance: &'a BTreeMap<String, String>,
    pub(crate) files: &'a [Attachment],
    pub(crate) today: Date,
}

pub(crate) fn pages(drawn: &Drawn<'_>) -> Vec<Page> {
    let before = drawn.before.map(|before| Before::of(drawn, before));
    drawn
        .form
        .summary(drawn.answers, drawn.today)
        .into_iter()
        .map(|page| {
            let gone = before.as_ref().map(|before| before.gone(&page)).unwrap_or_default();
            let rows = page.rows.into_iter().map(|row| one(drawn, row, before.as_ref()));
            Page { title: page.page.title.ja().to_owned(), rows: rows.chain(gone).collect() }
        })
        .filter(|page| !page.rows.is_empty())
        .collect()
}

/// One row for each question of the form: a repeating group is one, whatever rows it has, and what
/// is calculated is none. What a department can ask to correct.
pub(crate) fn questions(drawn: &Drawn<'_>) -> Vec<Page> {
    let shown = |row: SummaryRow<'_>| {
        let of = row.of;
        let lines = named(drawn, of, drawn.form.display(of, drawn.answers));
        let name = of.id.clone();
        one(drawn, SummaryRow { field: of, of, name, label: of.label.ja().to_owned(), lines }, None)
    };
    let summary = drawn.form.summary(drawn.answers, drawn.today);
    let pages = summary.into_iter().map(|page| {
        let mut rows = page.rows;
        rows.retain(|row| !matches!(row.of.kind, FieldKind::Calc(_) | FieldKind::Fee(_)));
        rows.dedup_by(|row, before| row.of.id == before.of.id);
        Page { title: page.page.title.ja().to_owned(), rows: rows.into_iter().map(shown).collect() }
    });
    pages.filter(|page| !page.rows.is_empty()).collect()
}

/// What was shown the round before.
struct Before {
    /// Label and lines of each question, by the name of its input.
    rows: BTreeMap<String, (String, String, Vec<String>)>,
}

impl Before {
    fn of(drawn: &Drawn<'_>, answers: &Answers) -> Self {
        let summary = drawn.form.summary(answers, drawn.today);
        let rows = summary.into_iter().flat_map(|page| page.rows).map(|row| {
            let lines = named(drawn, row.field, row.lines);
            (row.name, (row.of.id.clone(), row.label, lines))
        });
        Self { rows: rows.collect() }
    }

    fn lines(&self, name: &str) -> Vec<String> {
        self.rows.get(name).map(|(_, _, lines)| lines.clone()).unwrap_or_default()
    }

    /// Rows of groups that the correction took away, so that nobody overlooks it.
    fn gone(&self, page: &SummaryPage<'_>) -> Vec<Row> {
        let groups: BTreeSet<&str> = page
            .rows
            .iter()
            .filter(|row| row.of.repeat().is_some())
            .map(|r| r.of.id.as_str())
            .collect();
        let gone = self.rows.iter().filter(|(name, (of, _, lines))| {
            let now = page.rows.iter().any(|row| row.name == **name);
            groups.contains(of.as_str()) && !now && !lines.is_empty()
        });
        gone.map(|(_, (of, label, lines))| Row {
            field: of.clone(),
            label: label.clone(),
            lines: Vec::new(),
            changed: true,
            was: Some(lines.join(TEXTS.text("applications.slash"))),
            source: None,
            chosen: false,
        })
        .collect()
    }
}

fn one(drawn: &Drawn<'_>, row: SummaryRow<'_>, before: Option<&Before>) -> Row {
    let lines = named(drawn, row.field, row.lines);
    let was = before.map(|before| before.lines(&row.name));
    let changed = was.as_ref().is_some_and(|was| *was != lines);
    let separator = TEXTS.text("applications.slash");
    Row {
        field: row.of.id.clone(),
        label: row.label,
        was: was.filter(|_| changed).map(|was| {
            if was.is_empty() {
                TEXTS.text("applications.nothing").to_owned()
            } else {
                was.join(separator)
            }
        }),
        changed,
        source: source(drawn.provenance, &row.name),
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
