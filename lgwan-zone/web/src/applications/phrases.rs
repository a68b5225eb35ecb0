//! 定型文: kept by whoever works at the department, filled into a message to an applicant.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use domain::ids::ApplicationId;
use domain::text::{unwanted, visible};
use http::StatusCode;
use lgwan_zone_store::phrases::{self, Kept, LONGEST_TITLE, MOST, Phrase};
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::desk::Desk;
use super::messages::LONGEST;
use crate::frame::{Choice, Fault, Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};

/// The words of a phrase about this application.
pub(super) fn filled(desk: &Desk, phrase: &Phrase) -> String {
    phrase.words.replace("{number}", &desk.row.number).replace("{procedure}", desk.title())
}

#[derive(Template)]
#[template(path = "applications/phrases.html")]
struct PhrasesPage {
    frame: Frame,
    phrases: Vec<View>,
    faults: Vec<Fault>,
    departments: Vec<Choice>,
    id: String,
    title: String,
    words: String,
    /// Whether one that is there is changed.
    changes: bool,
    most: usize,
}

struct View {
    id: String,
    title: String,
    department: String,
    words: String,
}

/// Whether this person writes to the applicants of the department.
fn works(who: &Who, department: &str) -> bool {
    guard::department(department)
        .is_ok_and(|department| who.can(Action::WorkOnApplication, &Object::Inbox { department }))
}

/// Lists those of the own departments, with one to be changed when it is named.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications");
    let chosen = query.0.text("change").to_owned();
    let found = site.store.read(move |db| phrases::find(db, &chosen)).await?;
    let typed: FormData = match found.filter(|one| works(&who, &one.department_id)) {
        Some(one) => [
            ("id", one.id.as_str()),
            ("title", &one.title),
            ("words", &one.words),
            ("department", &one.department_id),
        ]
        .into_iter()
        .collect(),
        None => FormData::default(),
    };
    Ok(Html(drawn(&site, &who, frame, &typed, Vec::new()).await?).into_response())
}

async fn drawn(
    site: &Site,
    who: &Who,
    frame: Frame,
    typed: &FormData,
    faults: Vec<Fault>,
) -> Result<PhrasesPage, Trouble> {
    let own: Vec<(String, String)> =
        who.departments.iter().filter(|(id, _)| works(who, id)).cloned().collect();
    let ids: Vec<String> = own.iter().map(|(id, _)| id.clone()).collect();
    let all = site.store.read(move |db| phrases::of(db, &ids)).await?;
    let sent = typed.text("id");
    Ok(PhrasesPage {
        frame,
        faults,
        changes: all.iter().any(|one| one.id == sent),
        id: if sent.is_empty() { site.new_id() } else { sent.to_owned() },
        title: typed.text("title").to_owned(),
        words: typed.text("words").to_owned(),
        departments: own
            .iter()
            .map(|(id, name)| Choice::new(id, name, id == typed.text("department")))
            .collect(),
        phrases: all
            .into_iter()
            .map(|one| View {
                department: name_of(&own, &one.department_id),
                id: one.id,
                title: one.title,
                words: one.words,
            })
            .collect(),
        most: MOST,
    })
}

/// Keeps one, new or changed.
pub async fn keep(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let id = form.text("id").to_owned();
    let id = if ApplicationId::parse(&id).is_ok() { id } else { site.new_id() };
    let known = id.clone();
    let before = site.store.read(move |db| phrases::find(db, &known)).await?;
    // What is there stays in its department, and is not theirs when they do not work there.
    let sent = form.text("department");
    let single = who.departments.first().map(|(id, _)| id.as_str()).unwrap_or_default();
    let department = match &before {
        Some(before) => before.department_id.as_str(),
        None if sent.is_empty() => single,
        None => sent,
    };
    if !works(&who, department) {
        return Err(Reply::not_found("applications.no_phrase").link("/inbox/phrases").into());
    }
    let title = visible(form.text("title")).trim().to_owned();
    let words = visible(form.text("words")).replace("\r\n", "\n").trim().to_owned();
    let mut faults = Vec::new();
    if title.is_empty()
        || title.chars().count() > LONGEST_TITLE
        || unwanted(&title, false).is_some()
    {
        faults.push(Fault::of("title", "applications.phrase.fault.title"));
    }
    let unreadable = unwanted(&words.replace('\t', " "), true).is_some();
    if words.is_empty() || unreadable || words.chars().count() > LONGEST {
        faults.push(Fault::of("words", "applications.fault.message"));
    }
    if faults.is_empty() {
        let by = who.by(&site);
        let new = Phrase {
            id,
            department_id: department.to_owned(),
            title,
            words,
            changed_at: by.at.as_microsecond(),
            changed_by: who.id.clone(),
        };
        match site.store.write(move |tx| phrases::keep(tx, &by, &new)).await? {
            Kept::Done => return Ok(see_other("/inbox/phrases?said=phrase_kept")),
            Kept::TitleTaken => {
                faults.push(Fault::of("title", "applications.phrase.fault.taken"));
            }
            Kept::Full => {
                let words = TEXTS.fill("applications.phrase.fault.full", &[("most", &MOST)]);
                faults.push(Fault::said("title", words));
            }
        }
    }
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let page = drawn(&site, &who, frame, &form, faults).await?;
    Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()))
}

/// Drops one.
pub async fn drop_it(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let found = site.store.read(move |db| phrases::find(db, &id)).await?;
    let Some(phrase) = found.filter(|one| works(&who, &one.department_id)) else {
        return Err(Reply::not_found("applications.no_phrase").link("/inbox/phrases").into());
    };
    let by = who.by(&site);
    site.store.write(move |tx| phrases::drop_it(tx, &by, &phrase)).await?;
    Ok(see_other("/inbox/phrases?said=phrase_dropped"))
}
