//! Designs that are open, and a new one: from nothing, from another procedure, or to change one
//! that is published.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Procedure, Words};
use domain::forms::design::{Draft, Edit};
use domain::forms::publish::is_slug;
use domain::identity::Action;
use domain::ids::{DepartmentId, ProcedureId};
use http::StatusCode;
use lgwan_zone_store::designs;
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Trouble, Visitor, see_other,
};

use super::{templates, work};
use crate::frame::{Choice, Fault, Frame, Place, name_of};
use crate::guard::Who;
use crate::procedures::{own, show};
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "procedures/design/list.html")]
struct ListPage {
    frame: Frame,
    designs: Vec<Line>,
}

struct Line {
    id: String,
    title: String,
    department: String,
    /// The revision it changes; 0 for a new procedure.
    based_on: i32,
    changed: String,
}

#[derive(Template)]
#[template(path = "procedures/design/new.html")]
struct NewPage {
    frame: Frame,
    faults: Vec<Fault>,
    title: String,
    slug: String,
    departments: Vec<Choice>,
    /// Procedures to begin from.
    samples: Vec<Choice>,
    /// Those that come with the service.
    templates: Vec<Choice>,
}

/// Lists open designs of own departments.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let ids: Vec<String> = own::own(&who).into_iter().map(|(id, _)| id.to_string()).collect();
    let (all, names) =
        site.store.read(move |db| Ok((designs::list(db, &ids)?, departments::all(db)?))).await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let designs = all.into_iter().map(|one| Line {
        department: name_of(&names, &one.department_id),
        changed: words::stored(one.changed_at),
        based_on: one.based_on,
        id: one.id,
        title: one.title,
    });
    let frame = Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures");
    Ok(Html(ListPage { frame, designs: designs.collect() }).into_response())
}

/// Asks what the new procedure is called, whose it is, and what it begins from.
pub async fn new(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let page = new_page((&site, &who, &visitor), &FormData::default(), Vec::new()).await?;
    Ok(Html(page).into_response())
}

/// Begins a design.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let taken = own::slugs(&site).await?;
    let text = |name| form.text(name).trim().to_owned();
    let (title, slug) = (text("title"), text("slug"));
    let mut faults = Vec::new();
    if title.is_empty() || title.chars().count() > own::LONGEST_TITLE {
        faults.push(Fault::of("title", "procedures.fault.title"));
    }
    let slug = if slug.is_empty() { own::free("tetsuzuki", &taken) } else { slug };
    if !is_slug(&slug) {
        faults.push(Fault::of("slug", "procedures.fault.slug"));
    } else if taken.contains(&slug) {
        faults.push(Fault::of("slug", "procedures.fault.slug_taken"));
    }
    let departments = own::own(&who);
    let wanted = text("department");
    let chosen = match &departments[..] {
        [(only, _)] if wanted.is_empty() => Some(only),
        all => all.iter().map(|(id, _)| id).find(|id| id.as_str() == wanted),
    };
    let Some(department) = chosen.filter(|_| faults.is_empty()) else {
        if chosen.is_none() {
            faults.push(Fault::of("department", "procedures.fault.department"));
        }
        let page = new_page((&site, &who, &visitor), &form, faults).await?;
        return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
    };
    let from = text("from");
    let procedure = match from.as_str() {
        "" => blank(&site, &title, slug, department)?,
        from => {
            let other = match templates::chosen(&site, from) {
                Some(template) => template,
                None => show::load(&site, &who, from, Action::ReadDefinition).await?.1,
            };
            let id = ProcedureId::parse(&site.new_id()).or_fault()?;
            own::made_from(other, id, (&title, &slug, department))
        }
    };
    let id = begin(&site, &who, Draft::of(procedure, &[]), 0).await?;
    Ok(see_other(format!("/procedures/designs/{id}")))
}

/// Goes on with the design of a published procedure, or begins one.
pub async fn change(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::EditDefinition).await?;
    let (known, open) = site
        .store
        .read(move |db| {
            let mut known = Vec::new();
            for number in 1..row.revision {
                known.extend(procedures::revision(db, &row.id, number)?.map(|one| one.document));
            }
            Ok((known, designs::open_of(db, &row.id)?))
        })
        .await?;
    if let Some(open) = open {
        return Ok(see_other(format!("/procedures/designs/{}", open.id)));
    }
    // An older revision that this release no longer reads has ids of its own kind, not ours.
    let known: Vec<Procedure> = known
        .iter()
        .filter_map(|document| Procedure::from_json(document.as_bytes()).ok())
        .collect();
    let id = begin(&site, &who, Draft::of(procedure, &known), row.revision).await?;
    Ok(see_other(format!("/procedures/designs/{id}")))
}

async fn begin(site: &Site, who: &Who, draft: Draft, based_on: i32) -> Result<String, Trouble> {
    let (by, id, first) = (who.by(site), site.new_id(), work::step(&draft)?);
    let (made, procedure) = (id.clone(), draft.procedure.id.to_string());
    site.store
        .write(move |tx| designs::begin(tx, &by, (&made, &procedure), based_on, &first))
        .await?;
    Ok(id)
}

/// A procedure with one page and nothing on it.
fn blank(
    site: &Site,
    title: &str,
    slug: String,
    department: &DepartmentId,
) -> Result<Procedure, Trouble> {
    let document = serde_json::json!({
        "id": site.new_id(), "revision": 1, "slug": slug, "title": title, "summary": "",
        "department": department.as_str(),
    });
    let procedure: Procedure = serde_json::from_value(document).or_fault()?;
    let first = TEXTS.fill("design.usual.page", &[("number", &1)]);
    let draft = Draft::of(procedure, &[]).apply(Edit::AddPage { title: first });
    let (draft, _) = draft.map_err(|_| platform_web::Fault::because("no page fits"))?;
    let summary = Words::from(TEXTS.fill("design.usual.summary", &[("title", &title)]).as_str());
    Ok(Procedure { summary, ..draft.procedure })
}

async fn new_page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    form: &FormData,
    faults: Vec<Fault>,
) -> Result<NewPage, Trouble> {
    let all = site.store.read(|db| procedures::list(db, None)).await?;
    let departments = own::own(who);
    let wanted = form.text("department");
    let chosen = |id: &str| id == wanted || departments.len() == 1;
    Ok(NewPage {
        frame: Frame::of(site, who, visitor, Place::Procedures),
        faults,
        title: form.text("title").to_owned(),
        slug: form.text("slug").to_owned(),
        departments: departments
            .iter()
            .map(|(id, name)| Choice::new(id.as_str(), name, chosen(id.as_str())))
            .collect(),
        samples: all
            .iter()
            .filter(|one| show::may_read(who, &one.department_id))
            .map(|one| Choice::new(&one.id, &one.title, one.id == form.text("from")))
            .collect(),
        templates: templates::choices(form.text("from")),
    })
}
