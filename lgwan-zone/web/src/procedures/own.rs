//! A procedure made from another one: a copy of one of the city's (NF-65), or the definition of
//! another city (NF-66). It gets an id of its own, and the title, address and department that are
//! chosen here; then it is looked at and published like any other.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::post as post_of;
use domain::forms::definition::{Procedure, Words};
use domain::forms::publish::is_slug;
use domain::identity::{Action, Object};
use domain::ids::{DepartmentId, ProcedureId};
use http::StatusCode;
use lgwan_zone_store::procedures;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other,
};

use super::{import, show};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};

/// Characters of the longest title.
pub(super) const LONGEST_TITLE: usize = 100;

#[derive(Template)]
#[template(path = "procedures/own.html")]
struct OwnPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    from: String,
    title: String,
    slug: String,
    departments: Vec<Choice>,
}

/// Copies the newest definition of a procedure.
pub async fn copy(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let (_, procedure) = show::load(&site, &who, &id, Action::ReadDefinition).await?;
    let id = keep(&site, &who, procedure.title.ja(), &procedure).await?;
    Ok(see_other(format!("/procedures/imports/{id}/own")))
}

/// Asks what the new procedure is called, where it is found and whose it is.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let procedure = load(&site, &who, &id).await?;
    let taken = slugs(&site).await?;
    let title = procedure.title.ja();
    let wish = Wish {
        title: match taken.contains(&procedure.slug) {
            true => TEXTS.fill("procedures.page.own.copy_of", &[("title", &title)]),
            false => title.to_owned(),
        },
        slug: free(&procedure.slug, &taken),
        department: procedure.department.to_string(),
    };
    Ok(Html(page(&site, &who, &visitor, (&id, &procedure), wish, Vec::new())).into_response())
}

/// Makes the new definition; it is looked at next.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let procedure = load(&site, &who, &id).await?;
    let taken = slugs(&site).await?;
    let wish = Wish::of(&form);
    let new = match chosen(&site, &who, &wish, &taken, procedure.clone()) {
        Ok(new) => new,
        Err(faults) => {
            let page = page(&site, &who, &visitor, (&id, &procedure), wish, faults);
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let id = keep(&site, &who, procedure.title.ja(), &new).await?;
    Ok(see_other(format!("/procedures/imports/{id}")))
}

/// What the new procedure is to be.
/// What a procedure of one's own is called, and whose it is.
pub(super) struct Wish {
    pub(super) title: String,
    pub(super) slug: String,
    pub(super) department: String,
}

impl Wish {
    pub(super) fn of(form: &FormData) -> Self {
        let text = |name| form.text(name).trim().to_owned();
        Self { title: text("title"), slug: text("slug"), department: text("department") }
    }
}

pub(super) fn chosen(
    site: &Site,
    who: &Who,
    wish: &Wish,
    taken: &[String],
    procedure: Procedure,
) -> Result<Procedure, Vec<Fault>> {
    let mut faults = Vec::new();
    let (title, slug) = (wish.title.as_str(), wish.slug.as_str());
    if title.is_empty() || title.chars().count() > LONGEST_TITLE {
        faults.push(Fault::of("title", "procedures.fault.title"));
    }
    if !is_slug(slug) {
        faults.push(Fault::of("slug", "procedures.fault.slug"));
    } else if taken.iter().any(|one| one == slug) {
        faults.push(Fault::of("slug", "procedures.fault.slug_taken"));
    }
    let department = own(who).into_iter().find(|(id, _)| id.as_str() == wish.department);
    if department.is_none() {
        faults.push(Fault::of("department", "procedures.fault.department"));
    }
    let id = ProcedureId::parse(&site.new_id()).ok();
    match (department, id) {
        (Some((department, _)), Some(id)) if faults.is_empty() => {
            Ok(made_from(procedure, id, (title, slug, &department)))
        }
        (_, _) => Err(faults),
    }
}

/// A procedure of its own, made from another one.
pub(super) fn made_from(
    procedure: Procedure,
    id: ProcedureId,
    (title, slug, department): (&str, &str, &DepartmentId),
) -> Procedure {
    let mut new = Procedure { id, revision: 1, slug: slug.to_owned(), ..procedure };
    if new.title.ja() != title {
        new.title = Words::from(title);
    }
    if new.department != *department {
        // Who is told, who gets which answers and who approves is the other department's own affair.
        new.notify.staff_mail.clear();
        new.routing.clear();
        // A stage of posts alone fits every department.
        new.workflow.approvals.retain(|stage| stage.everybody().all(|one| post_of(one).is_some()));
        new.department = department.clone();
    }
    new
}

/// Own departments this person may publish for.
pub(super) fn own(who: &Who) -> Vec<(DepartmentId, String)> {
    let may = |id: &DepartmentId| {
        who.can(Action::PublishDefinition, &Object::Definition { department: id.clone() })
    };
    let all = who.departments.iter();
    let known = all.filter_map(|(id, name)| Some((guard::department(id).ok()?, name.clone())));
    known.filter(|(id, _)| may(id)).collect()
}

/// Whether this person can make a procedure of their own.
pub(super) fn may_make(who: &Who) -> bool {
    !own(who).is_empty()
}

/// A definition this person brought in.
async fn load(site: &Site, who: &Who, id: &str) -> Result<Procedure, Trouble> {
    let wanted = id.to_owned();
    let import = site.store.read(move |db| procedures::imported(db, &wanted)).await?;
    let import = import.filter(|import| import.imported_by == who.id);
    let import = import.ok_or_else(|| Trouble::from(Reply::not_found("procedures.missing")))?;
    Procedure::from_json(import.document.as_bytes()).or_fault()
}

async fn keep(
    site: &Site,
    who: &Who,
    name: &str,
    procedure: &Procedure,
) -> Result<String, Trouble> {
    let document = serde_json::to_string(procedure).or_fault()?;
    import::keep(site, who, name.to_owned(), document).await
}

/// Addresses that are taken.
pub(super) async fn slugs(site: &Site) -> Result<Vec<String>, Trouble> {
    let all = site.store.read(|db| procedures::list(db, None)).await?;
    Ok(all.into_iter().map(|one| one.slug).collect())
}

/// The address itself when nobody has it, otherwise with the first number that makes it new.
pub(super) fn free(slug: &str, taken: &[String]) -> String {
    let is_free = |one: &String| !taken.contains(one);
    let numbered = (2..).map(|number| format!("{slug}-{number}"));
    std::iter::once(slug.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

fn page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    (id, procedure): (&str, &Procedure),
    wish: Wish,
    faults: Vec<Fault>,
) -> OwnPage {
    OwnPage {
        frame: Frame::of(site, who, visitor, Place::Procedures),
        faults,
        id: id.to_owned(),
        from: procedure.title.ja().to_owned(),
        departments: own(who)
            .iter()
            .map(|(id, name)| Choice::new(id.as_str(), name, id.as_str() == wish.department))
            .collect(),
        title: wish.title,
        slug: wish.slug,
    }
}
