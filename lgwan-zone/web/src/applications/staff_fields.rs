//! 職員用の項目: questions of the procedure that staff answer for themselves (IK-2.1.2a3). No
//! citizen sees them; every version stays.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::forms::{Answers, Compiled, Context, inputs};
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::staff_answers::{self, Put, Version};
use platform_web::fields::Problem;
use platform_web::{
    CsrfForm, Fault, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other,
};

use super::clash::Clash;
use super::desk::{self, Desk};
use super::show::EventView;
use crate::forms::{Asked, Purpose, Question, words as fault_words};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "applications/staff_fields.html")]
struct FieldsPage {
    frame: Frame,
    id: String,
    number: String,
    problems: Vec<Problem>,
    questions: Vec<Question>,
    seen: i32,
    before: Vec<Past>,
    clash: Clash,
}

/// A version as the page shows it.
struct Past {
    by: String,
    rows: Vec<(String, String)>,
}

/// Shows the questions with the newest answers, and every version before.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let (desk, form, versions) = open(&site, &who, &id).await?;
    let answers = newest(&versions)?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let page = page(&site, frame, &desk, (&form, &answers), &versions, &HashMap::new())?;
    Ok(Html(page).into_response())
}

/// Keeps a new version.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    let (desk, form, versions) = open(&site, &who, &id).await?;
    let mut raw = Answers::new();
    for (name, values) in sent.by_name() {
        if form.field(inputs::field_of(&name)).is_some() {
            raw.put(name, values);
        }
    }
    let today = words::day(site.clock.now());
    let checked = form.check_all(&raw, &Context::on(today));
    if !checked.faults.is_empty() {
        let errors = fault_words::by_input(&checked.faults);
        let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
        let page = page(&site, frame, &desk, (&form, &checked.answers), &versions, &errors)?;
        let answer: Response = (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response();
        return Err(answer.into());
    }
    let back = format!("/applications/{}", desk.row.id);
    let changed = newest(&versions)?.changed(&checked.answers);
    if changed.is_empty() {
        return Ok(see_other(back));
    }
    let fields: BTreeSet<&str> = changed.iter().map(|input| inputs::field_of(input)).collect();
    let labels = fields.iter().filter_map(|id| form.field(id)).map(|field| field.label.ja());
    let labels = labels.collect::<Vec<_>>().join(TEXTS.text("frame.and"));
    let by = who.by(&site);
    let new = Version {
        application_id: desk.row.id.clone(),
        version: sent.text("_seen").parse::<i32>().unwrap_or(0).saturating_add(1),
        answers: serde_json::to_string(&checked.answers).or_fault()?,
        at: by.at.as_microsecond(),
        staff_id: who.id.clone(),
        staff_name: who.name.clone(),
    };
    match site.store.write(move |tx| staff_answers::put(tx, &by, &new, &labels)).await? {
        Put::Done => Ok(see_other(format!("{back}?said=staff_noted"))),
        Put::Overtaken => {
            let (desk, form, versions) = open(&site, &who, &id).await?;
            let seen = sent.text("_seen").parse::<i32>().unwrap_or(0);
            let (answers, clash) = joined((&form, &checked.answers), &versions, seen, today)?;
            let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
            let page = page(&site, frame, &desk, (&form, &answers), &versions, &HashMap::new())?;
            let page = FieldsPage { clash, ..page };
            Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
        }
    }
}

/// What was typed, on top of what others noted since the version it was typed on, and who noted what:
/// a question that was left as it was takes what others noted.
fn joined(
    (form, typed): (&Compiled, &Answers),
    versions: &[Version],
    seen: i32,
    today: jiff::civil::Date,
) -> Result<(Answers, Clash), Trouble> {
    let parsed = |version: &Version| -> Result<Answers, Trouble> {
        serde_json::from_str(&version.answers).or_fault()
    };
    let base = versions.iter().find(|version| version.version == seen).map(parsed);
    let base = base.transpose()?.unwrap_or_default();
    let mut joined = newest(versions)?;
    let blank = |answers: &Answers, input: &str| !answers.answered(input);
    let changed = base.changed(typed).into_iter();
    for input in changed.filter(|input| !(blank(&base, input) && blank(typed, input))) {
        match typed.get(&input) {
            Some(values) => joined.put(input, values.to_vec()),
            None => drop(joined.remove(&input)),
        }
    }
    let (mut lines, mut last) = (Vec::new(), base);
    for version in versions.iter().rev().filter(|version| version.version > seen) {
        let answers = parsed(version)?;
        let changed = last.changed(&answers);
        let fields: BTreeSet<&str> = changed.iter().map(|input| inputs::field_of(input)).collect();
        let labels: BTreeSet<&str> =
            fields.iter().filter_map(|id| form.field(id)).map(|field| field.label.ja()).collect();
        let said = rows(form, &answers, today).into_iter();
        let said = said.filter(|(label, _)| labels.contains(label.as_str()));
        let colon = TEXTS.text("applications.overridden.colon");
        let words: Vec<String> =
            said.map(|(label, line)| format!("{label}{colon}{line}")).collect();
        lines.push(EventView {
            text: TEXTS.text("applications.act.staff_noted").to_owned(),
            at: words::stored(version.at),
            by: version.staff_name.clone(),
            words: words.join("\n"),
        });
        last = answers;
    }
    let what = TEXTS.text("applications.staff_overtaken.what").to_owned();
    Ok((joined, Clash::new((what, TEXTS.text("applications.staff_overtaken.next")), lines)))
}

async fn open(site: &Site, who: &Who, id: &str) -> Result<(Desk, Compiled, Vec<Version>), Trouble> {
    let desk = desk::open(site, who, id, Action::WorkOnApplication).await?;
    let form = form(&desk)?.ok_or_else(|| {
        let back = format!("/applications/{}", desk.row.id);
        Trouble::from(Reply::not_found("applications.no_staff_fields").link(back))
    })?;
    let application = desk.row.id.clone();
    let versions = site.store.read(move |db| staff_answers::all(db, &application)).await?;
    Ok((desk, form, versions))
}

/// The questions of the revision that was applied under.
fn form(desk: &Desk) -> Result<Option<Compiled>, Trouble> {
    desk.form
        .for_staff()
        .map_err(|_| Fault::because("questions of staff that were never checked").into())
}

fn newest(versions: &[Version]) -> Result<Answers, Trouble> {
    let newest = versions.first().map(|version| serde_json::from_str(&version.answers));
    newest.transpose().or_fault().map(Option::unwrap_or_default)
}

/// What the page of the application shows of them: label and lines; `None` without questions.
///
/// # Errors
/// A fault when what is stored cannot be read.
pub(super) fn shown(
    desk: &Desk,
    versions: &[Version],
    today: jiff::civil::Date,
) -> Result<Option<Vec<(String, String)>>, Trouble> {
    let Some(form) = form(desk)? else { return Ok(None) };
    Ok(Some(rows(&form, &newest(versions)?, today)))
}

fn rows(form: &Compiled, answers: &Answers, today: jiff::civil::Date) -> Vec<(String, String)> {
    let pages = form.summary(answers, today);
    pages
        .into_iter()
        .flat_map(|page| page.rows)
        .map(|row| (row.label, row.lines.join("\n")))
        .collect()
}

fn page(
    site: &Site,
    frame: Frame,
    desk: &Desk,
    (form, answers): (&Compiled, &Answers),
    versions: &[Version],
    errors: &HashMap<String, String>,
) -> Result<FieldsPage, Trouble> {
    let today = words::day(site.clock.now());
    let asked = Asked { answers, view: form.view(answers, today), errors, purpose: Purpose::Desk };
    let drawn = asked.view.drawn(0);
    let questions: Vec<Question> = drawn.iter().map(|drawn| Question::new(&asked, drawn)).collect();
    let before = versions.iter().map(|version| {
        let answers: Answers = serde_json::from_str(&version.answers).or_fault()?;
        Ok(Past {
            by: format!("{} {}", version.staff_name, words::stored(version.at)),
            rows: rows(form, &answers, today),
        })
    });
    Ok(FieldsPage {
        frame,
        id: desk.row.id.clone(),
        number: desk.row.number.clone(),
        problems: questions.iter().flat_map(Question::problems).collect(),
        questions,
        seen: versions.first().map_or(0, |version| version.version),
        before: before.collect::<Result<_, Trouble>>()?,
        clash: Clash::default(),
    })
}
