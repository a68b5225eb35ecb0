//! The last look before publishing: checks in words, then the form in short.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::compare::changes;
use domain::forms::definition::Procedure;
use domain::forms::publish::Problem;
use domain::identity::{Action, Object};
use http::StatusCode;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures::{self, Revision};
use lgwan_zone_store::proposals;
use platform_store::Db;
use platform_web::{CsrfForm, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

use super::proposal::{self, May, Step};
use super::{compare, facts, problems, publish};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/preview.html")]
struct PreviewPage {
    frame: Frame,
    id: String,
    errors: Vec<Found>,
    warnings: Vec<Found>,
    /// Something a law guards is asked for: who publishes says that they looked.
    guarded: bool,
    title: String,
    revision: u32,
    department: String,
    url: String,
    mode: String,
    period: String,
    login: String,
    stages: String,
    /// Conditions and the departments they lead to.
    routing: Vec<(String, String)>,
    summary: String,
    /// The revision citizens have now, what would change, and who is on it.
    newest: Option<i32>,
    changes: Vec<compare::Line>,
    standing: compare::Standing,
    pages: Vec<Page>,
    step: Step,
    /// What is wrong with a reason that was typed, and the reason.
    faults: Vec<Fault>,
    reason: String,
}

struct Found {
    words: String,
    at: String,
}

struct Page {
    title: String,
    when: Option<String>,
    fields: Vec<Field>,
}

struct Field {
    label: String,
    kind: String,
    required: String,
    when: Option<String>,
}

/// Shows the checks and the form in short.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let procedure = load(&site, &who, &id).await?;
    let page = page((&site, &who, &visitor), id, procedure, (Vec::new(), "")).await?;
    Ok(Html(page).into_response())
}

async fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    id: String,
    procedure: Procedure,
    (faults, reason): (Vec<Fault>, &str),
) -> Result<PreviewPage, Trouble> {
    let (own, wanted) = (procedure.department.to_string(), procedure.id.clone());
    let (checked, desks) = (procedure.clone(), who.desks());
    let document = serde_json::to_string(&procedure).or_fault()?;
    let import = id.clone();
    let (revision, all, (astray, unsaid), newest, proposal) = site
        .store
        .read(move |db| {
            let astray = publish::unknown_departments(db, &checked)?;
            let unsaid = publish::without_refusals(db, &checked)?;
            let newest = newest(db, wanted.as_str(), &document, &desks)?;
            let proposal = proposals::find(db, &import)?;
            let next = publish::next_revision(db, &wanted)?;
            Ok((next, departments::all(db)?, (astray, unsaid), newest, proposal))
        })
        .await?;
    let (newest, standing) = newest.unzip();
    let before = match &newest {
        Some(newest) => Procedure::from_json(newest.document.as_bytes()).or_fault()?,
        None => procedure.clone(),
    };
    let names: Vec<(String, String)> =
        all.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
    let changes = compare::lines(&changes(&before, &procedure).or_fault()?, &names);
    let routing = procedure.routing.iter().map(|route| {
        let known = all.iter().find(|one| one.id == route.department.as_str());
        let name = known.map_or_else(|| route.department.to_string(), |one| one.name.clone());
        (route.when.clone(), name)
    });
    let routing = routing.collect();
    let department = all.into_iter().find(|one| one.id == own).map(|one| one.name);
    let (mut errors, mut warnings) = publish::checked(&procedure);
    errors.extend(astray);
    warnings.extend(unsaid);
    let words = |found: Vec<Problem>| found.iter().map(in_words).collect::<Vec<Found>>();
    let mut errors = words(errors);
    if department.is_none() {
        errors.push(Found {
            words: TEXTS.fill("procedures.problem.unknown_department", &[("detail", &own)]),
            at: "department".to_owned(),
        });
    }
    let clean = errors.is_empty();
    Ok(PreviewPage {
        frame: Frame::of(site, who, visitor, Place::Procedures),
        id,
        errors,
        guarded: !publish::guarded(&warnings).is_empty(),
        warnings: words(warnings),
        title: procedure.title.ja().to_owned(),
        revision,
        department: department.unwrap_or_default(),
        url: facts::url(site, &procedure.slug),
        mode: facts::mode(procedure.mode),
        period: facts::period(&procedure.open),
        login: facts::login(&procedure.access),
        stages: facts::stages(&procedure),
        routing,
        summary: procedure.summary.ja().to_owned(),
        newest: newest.map(|newest| newest.revision),
        changes,
        standing: standing.unwrap_or_default(),
        pages: procedure.pages.iter().map(in_short).collect(),
        step: Step::of(site, who, proposal.as_ref(), clean),
        faults,
        reason: reason.to_owned(),
    })
}

/// Publishes, or does what two people have to do for it.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let procedure = load(&site, &who, &id).await?;
    let checked = procedure.clone();
    let astray = site.store.read(move |db| publish::unknown_departments(db, &checked)).await?;
    let goes_out = !matches!(form.text("do"), "return" | "withdraw");
    let (errors, warnings) = publish::checked(&procedure);
    if goes_out && (!errors.is_empty() || !astray.is_empty()) {
        return Ok(see_other(format!("/procedures/imports/{id}")));
    }
    let unseen = goes_out && !publish::guarded(&warnings).is_empty() && !form.has("looked");
    let unseen = unseen.then(|| Fault::of("looked", "procedures.fault.looked"));
    if let Some(fault) = unseen.or_else(|| proposal::bad_reason(&form)) {
        let typed = (vec![fault], form.text("reason"));
        let page = page((&site, &who, &visitor), id, procedure, typed).await?;
        return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
    }
    proposal::act((&site, &who), &id, procedure, &form).await
}

/// The newest revision, when this person may know of it, and the applications that would stand on
/// an older one.
fn newest(
    db: &mut Db,
    id: &str,
    document: &str,
    desks: &[String],
) -> Result<Option<(Revision, compare::Standing)>, QueryError> {
    let Some(known) = procedures::find(db, id)? else { return Ok(None) };
    let Some(newest) = procedures::revision(db, id, known.revision)? else { return Ok(None) };
    let standing = compare::standing(db, id, known.revision + 1, document, desks)?;
    Ok(Some((newest, standing)))
}

async fn load(site: &Site, who: &Who, id: &str) -> Result<Procedure, Trouble> {
    let wanted = id.to_owned();
    let import = site.store.read(move |db| procedures::imported(db, &wanted)).await?;
    let import = import.ok_or_else(|| Trouble::from(Reply::not_found("procedures.missing")))?;
    let procedure = Procedure::from_json(import.document.as_bytes()).or_fault()?;
    let department = procedure.department.clone();
    who.may(Action::EditDefinition, &Object::Definition { department })?;
    Ok(procedure)
}

fn in_words(problem: &Problem) -> Found {
    Found { words: problems::told(problem), at: problem.at.clone() }
}

fn in_short(page: &domain::forms::definition::Page) -> Page {
    Page {
        title: page.title.ja().to_owned(),
        when: page.when.clone(),
        fields: page
            .fields
            .iter()
            .flat_map(|field| {
                let inner = field.repeat().into_iter().flat_map(move |rows| {
                    rows.fields.iter().map(move |inner| (rows.row.ja(), inner))
                });
                std::iter::once(("", field)).chain(inner)
            })
            .map(|(row, field)| Field {
                label: [row, field.label.ja()].join(if row.is_empty() { "" } else { " " }),
                kind: facts::kind(&field.kind),
                required: facts::required(&field.required),
                when: field.when.clone(),
            })
            .collect(),
    }
}
