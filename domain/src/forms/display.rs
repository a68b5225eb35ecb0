//! How answers are shown on the check-answers page and to staff.

use jiff::civil::Date;

use crate::calendar;
use crate::forms::definition::{Field, FieldKind, Page};
use crate::forms::{Answers, Compiled, inputs};
use crate::postal;

/// One page of the summary.
#[derive(Debug)]
pub struct SummaryPage<'a> {
    /// Index in the document.
    pub index: usize,
    /// The page.
    pub page: &'a Page,
    /// Its questions and answers.
    pub rows: Vec<SummaryRow<'a>>,
}

/// One question and its answer.
#[derive(Debug)]
pub struct SummaryRow<'a> {
    /// The question.
    pub field: &'a Field,
    /// The answer, a line each; attachment ids for a file field; none when left empty.
    pub lines: Vec<String>,
}

/// What stands in the boxes of a date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateBoxes {
    /// Era key, blank for 西暦.
    pub era: String,
    /// Year.
    pub year: String,
    /// Month.
    pub month: String,
    /// Day.
    pub day: String,
}

impl Compiled {
    /// The answer of one field, a line each: dates in both calendars, labels instead of codes,
    /// attachment ids for a file field, nothing when it is empty or absent.
    #[must_use]
    pub fn display(&self, field: &Field, answers: &Answers) -> Vec<String> {
        lines(field, answers)
    }

    /// Everything shown, page by page, without content fields.
    #[must_use]
    pub fn summary(&self, answers: &Answers, today: Date) -> Vec<SummaryPage<'_>> {
        let shown = self.shown(answers, today);
        let pages = self.procedure().pages.iter().zip(&self.pages).enumerate();
        pages
            .map(|(index, (page, compiled))| SummaryPage {
                index,
                page,
                rows: compiled
                    .slots
                    .clone()
                    .filter(|slot| shown[*slot])
                    .map(|slot| self.field_at(slot))
                    .filter(|field| !matches!(field.kind, FieldKind::Content(_)))
                    .map(|field| SummaryRow { field, lines: lines(field, answers) })
                    .collect(),
            })
            .filter(|page| !page.rows.is_empty())
            .collect()
    }
}

fn lines(field: &Field, answers: &Answers) -> Vec<String> {
    let first = answers.first(&field.id).unwrap_or("");
    let part = |part: &str| answers.first(&format!("{}.{part}", field.id)).unwrap_or("");
    let all = match &field.kind {
        FieldKind::Text(_) | FieldKind::Email(_) => vec![first.to_owned()],
        FieldKind::Textarea(_) => first.lines().map(str::to_owned).collect(),
        FieldKind::Number(_) if first.is_empty() => Vec::new(),
        FieldKind::Number(number) => vec![format!("{first}{}", number.unit.ja())],
        FieldKind::Date(_) => vec![date_line(field, answers)],
        FieldKind::Name(_) => vec![
            joined(part("family"), part("given")),
            joined(part("family_kana"), part("given_kana")),
        ],
        FieldKind::Address(_) => vec![
            match part("postal") {
                "" => String::new(),
                code => format!("〒{}", postal::written(code)),
            },
            [part("prefecture"), part("city"), part("town")].concat(),
            part("building").to_owned(),
        ],
        FieldKind::Phone(_) => vec![phone(first)],
        FieldKind::Choice(_) | FieldKind::Multi(_) => labels(field, answers),
        FieldKind::File(_) => answers.get(&field.id).unwrap_or(&[]).to_vec(),
        FieldKind::Consent(consent) if first == "yes" => vec![consent.agree.ja().to_owned()],
        FieldKind::Consent(_) | FieldKind::Content(_) => Vec::new(),
    };
    // An empty line inside a text stays, an empty part does not.
    let keep_empty = matches!(field.kind, FieldKind::Textarea(_));
    all.into_iter().filter(|line| keep_empty || !line.is_empty()).collect()
}

fn joined(family: &str, given: &str) -> String {
    match (family, given) {
        (one, "") | ("", one) => one.to_owned(),
        (family, given) => format!("{family}　{given}"),
    }
}

/// A date that was not read yet is shown as typed.
fn date_line(field: &Field, answers: &Answers) -> String {
    let first = answers.first(&field.id).unwrap_or("");
    match first.parse::<Date>() {
        Ok(day) => calendar::both(day),
        Err(_) => first.to_owned(),
    }
}

/// Labels of what is chosen, in the order of the options.
fn labels(field: &Field, answers: &Answers) -> Vec<String> {
    let chosen = answers.get(&field.id).unwrap_or(&[]);
    let options = inputs::options(field).iter();
    options.filter(|o| chosen.contains(&o.code)).map(|o| o.label.ja().to_owned()).collect()
}

/// With hyphens where the groups are certain: mobile, and the two-digit areas of 東京 and 大阪.
fn phone(digits: &str) -> String {
    let cut = |a: usize, b: usize| match (digits.get(..a), digits.get(a..b), digits.get(b..)) {
        (Some(one), Some(two), Some(three)) => format!("{one}-{two}-{three}"),
        _ => digits.to_owned(),
    };
    match digits.len() {
        11 if digits.starts_with("0800") => cut(4, 7),
        11 => cut(3, 7),
        10 if digits.starts_with("03") || digits.starts_with("06") => cut(2, 6),
        10 if digits.starts_with("0120") || digits.starts_with("0570") => cut(4, 7),
        _ => digits.to_owned(),
    }
}

/// What the boxes of a date hold when its page is shown again: the parts as typed, or the stored
/// day in 西暦.
#[must_use]
pub fn date_boxes(field: &str, answers: &Answers) -> DateBoxes {
    let part = |part: &str| answers.first(&format!("{field}.{part}")).unwrap_or("").to_owned();
    match answers.first(field).map(str::parse::<Date>) {
        Some(Ok(day)) => DateBoxes {
            era: String::new(),
            year: day.year().to_string(),
            month: day.month().to_string(),
            day: day.day().to_string(),
        },
        Some(Err(_)) | None => DateBoxes {
            era: part("era"),
            year: part("year"),
            month: part("month"),
            day: part("day"),
        },
    }
}
