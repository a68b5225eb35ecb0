//! One question: its words, whether it is needed, and the properties of its kind.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Field, FieldKind, Procedure, Required, Words};
use domain::forms::design::{self, Edit, Kind, Move, STAFF_PAGE, Target};
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::notes;
use super::panel::{Panel, frame};
use super::properties::{self, Property, Shape};
use super::work::{Said, Saved, Work};
use crate::frame::{Choice, Fault, Frame};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/design/question.html")]
struct QuestionPage {
    frame: Frame,
    panel: Panel,
    faults: Vec<Fault>,
    id: String,
    kind: &'static str,
    kind_use: String,
    label: String,
    hint: String,
    /// Whether people answer it at all.
    answered: bool,
    required: &'static str,
    required_when: Option<String>,
    when: Option<String>,
    properties: Vec<Property>,
    /// A calculated value in words.
    value: Option<String>,
    /// Questions of the row, for a group.
    rows: Option<Vec<(String, String)>>,
    /// Whether answers can be held against each other here.
    ruled: bool,
    rules: Vec<(String, String)>,
    /// Where else it can go.
    targets: Vec<Choice>,
    back: String,
}

/// Shows the question.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, field)): Path<(String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let field = found(&work, &field)?.clone();
    let page = page((&site, &who, &visitor), &work, &field, Vec::new(), Said::Nothing);
    Ok(Html(page).into_response())
}

/// Keeps it.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, field)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let mut field = found(&work, &field)?.clone();
    let faults = read(&form, &mut field, &work.whole);
    let said = if faults.is_empty() {
        let mut edits = vec![Edit::SetField { field: Box::new(field.clone()) }];
        if form.text("do") == "move" {
            let to = Move::To(target(&work.whole, form.text("to")));
            edits.push(Edit::MoveField { field: field.id.clone(), to });
        }
        match work.save(&site, &who, &form, edits).await? {
            Saved::Done(_) => return Ok(see_other(next(&work, &form, &field))),
            Saved::Refused(refused) => Said::refused(&refused),
            Saved::Behind(behind) => Said::Behind(behind),
        }
    } else {
        Said::Refused(Vec::new())
    };
    let status = said.status();
    let refused = !faults.is_empty();
    let mut page = page((&site, &who, &visitor), &work, &field, faults, said);
    // What cannot be kept is shown as it was typed, to be mended.
    for one in page.properties.iter_mut().filter(|_| refused) {
        if matches!(one.shape, Shape::Line | Shape::Area) {
            form.text(&one.asked.name).clone_into(&mut one.asked.value);
        }
    }
    Err((status, Html(page)).into_response().into())
}

fn found<'w>(work: &'w Work, id: &str) -> Result<&'w Field, Trouble> {
    let field = design::field(&work.whole, id);
    field.ok_or_else(|| Reply::not_found("design.question_gone").link(work.at("")).into())
}

/// The page or group of this id.
pub(super) fn target(procedure: &Procedure, id: &str) -> Target {
    match design::page(procedure, id) {
        Some(_) => Target::Page(id.to_owned()),
        None => Target::Rows(id.to_owned()),
    }
}

/// Every other page and group the question can go to.
fn targets(work: &Work, field: &Field) -> Vec<Choice> {
    let procedure = &work.whole;
    let found = design::find(procedure, &field.id);
    let here = found.and_then(|found| procedure.pages.get(found.page));
    if here.is_some_and(|page| page.id == STAFF_PAGE) {
        return Vec::new();
    }
    let pages = procedure.pages.iter().enumerate().filter(|(_, page)| page.id != STAFF_PAGE);
    let others =
        pages.filter(|(n, _)| found.is_none_or(|found| found.page != *n || found.row.is_some()));
    let pages = others.map(|(_, page)| Choice::new(&page.id, page.title.ja(), false));
    let groups = procedure.pages.iter().flat_map(|page| &page.fields);
    let groups = groups.filter(|group| {
        let inner = group.repeat().map_or(&[][..], |repeat| &repeat.fields);
        group.repeat().is_some()
            && group.id != field.id
            && inner.iter().all(|one| one.id != field.id)
    });
    let fits = Kind::of(&field.kind).fits_a_row();
    let groups = groups.filter(|_| fits).map(|group| {
        let label = TEXTS.fill("design.rows_of", &[("label", &group.label.ja())]);
        Choice::new(&group.id, &label, false)
    });
    pages.chain(groups).collect()
}

/// Where a press of a button leads once the question is kept.
fn next(work: &Work, form: &FormData, field: &Field) -> String {
    match form.text("do") {
        "when" => work.at(&format!("/conditions/{}/when", field.id)),
        "required" => work.at(&format!("/conditions/{}/required", field.id)),
        "value" => work.at(&format!("/calculations/{}", field.id)),
        "row" => work.at(&format!("/add/{}", field.id)),
        pressed if pressed.starts_with("rule:") => {
            let place = pressed.trim_start_matches("rule:");
            work.at(&format!("/conditions/{}/rule-{place}", field.id))
        }
        pressed if pressed.starts_with("option:") => {
            let code = pressed.trim_start_matches("option:");
            work.at(&format!("/conditions/{}/option-{code}", field.id))
        }
        pressed if pressed.starts_with("charge:") => {
            let line = pressed.trim_start_matches("charge:");
            work.at(&format!("/conditions/{}/charge-{line}", field.id))
        }
        "" | "save" | "move" => work.at(&format!("?kept={0}#{0}", field.id)),
        _ => work.at(&format!("/questions/{}", field.id)),
    }
}

fn read(form: &FormData, field: &mut Field, procedure: &Procedure) -> Vec<Fault> {
    let label = form.text("label").trim();
    field.label = field.label.in_japanese(label);
    let hint = form.text("hint").trim();
    field.hint = if hint.is_empty() { Words::default() } else { field.hint.in_japanese(hint) };
    match form.text("required") {
        "yes" => field.required = Required::Fixed(true),
        "no" => field.required = Required::Fixed(false),
        _ => {}
    }
    let mut faults = properties::read(form, field, procedure);
    if label.is_empty() && !matches!(field.kind, FieldKind::Content(_)) {
        faults.insert(0, Fault::of("label", "design.fault.label"));
    }
    faults
}

fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    field: &Field,
    faults: Vec<Fault>,
    said: Said,
) -> QuestionPage {
    let procedure = &work.whole;
    let kind = Kind::of(&field.kind);
    let page_of = design::find(procedure, &field.id).and_then(|at| procedure.pages.get(at.page));
    let page_of = page_of.map_or("", |page| page.id.as_str());
    let told = |text: &str| notes::condition(procedure, text);
    let value = if let FieldKind::Calc(calc) = &field.kind {
        Some(super::calculation::told(procedure, &calc.value))
    } else {
        None
    };
    let rows = field.repeat().map(|repeat| {
        let inner = repeat.fields.iter();
        inner.map(|inner| (inner.id.clone(), inner.label.ja().to_owned())).collect()
    });
    QuestionPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "outline", said).on(&format!("/questions/{}", field.id), page_of),
        faults,
        id: field.id.clone(),
        kind: TEXTS.text(kind.key()),
        kind_use: TEXTS.text(&format!("design.kind_use.{}", kind.word())).to_owned(),
        label: field.label.ja().to_owned(),
        hint: field.hint.ja().to_owned(),
        answered: kind.is_answered(),
        required: match field.required {
            Required::Fixed(true) => "yes",
            Required::Fixed(false) => "no",
            Required::When(_) => "when",
        },
        required_when: match &field.required {
            Required::When(text) => Some(told(text)),
            Required::Fixed(_) => None,
        },
        when: field.when.as_deref().map(told),
        properties: properties::drawn(field, procedure),
        value,
        rows,
        ruled: kind.is_answered() || kind == Kind::Calc,
        rules: field
            .checks
            .iter()
            .map(|rule| (told(&rule.rule), rule.message.ja().to_owned()))
            .collect(),
        targets: targets(work, field),
        back: work.at(&format!("#{}", field.id)),
    }
}
