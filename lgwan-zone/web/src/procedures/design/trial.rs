//! The trial of a design (試験公開, NB-2.5): put where it would be published, ended, or handed over to be
//! published unchanged.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Listing, Procedure};
use domain::identity::{Action, Object};
use domain::ids::ProcedureId;
use domain::procedures::{trial_of, trial_slug};
use lgwan_zone_store::designs::{self, Changed};
use lgwan_zone_store::procedures;
use lgwan_zone_store::trials::{self, How, NewTrial, Trial};
use platform_web::{
    CsrfForm, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::panel::{Panel, frame};
use super::release;
use super::work::{Said, Work, seen};
use crate::frame::Frame;
use crate::guard::{Who, sha256};
use crate::procedures::{facts, import, problems, publish};
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "procedures/design/trial.html")]
struct TrialPage {
    frame: Frame,
    panel: Panel,
    /// The trial that is open.
    open: Option<Open>,
}

struct Open {
    url: String,
    sha256: String,
    began: String,
    until: String,
    sent: String,
    /// The list at the desk, narrowed to it.
    desk: String,
    /// Whether the design is still what is tried.
    same: bool,
}

/// Shows whether the design is on trial, where, and until when.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let mut page = page((&site, &who, &visitor), &work, Said::Nothing).await?;
    page.frame = page.frame.said(&query, "design");
    Ok(Html(page).into_response())
}

async fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    said: Said,
) -> Result<TrialPage, Trouble> {
    let id = work.id.clone();
    let found = site
        .store
        .read(move |db| {
            let Some(trial) = trials::of_design(db, &id)? else { return Ok(None) };
            let sent = trials::sent(db, &trial.id)?;
            // The design may be for somebody else since.
            let inside = procedures::inside(db, &trial.id)?.is_some();
            Ok(Some((trial, sent, inside)))
        })
        .await?;
    let open = match found {
        None => None,
        Some((trial, sent, inside)) => {
            let (_, document) = release::document(site, work).await?;
            Some(Open {
                url: address(site, &trial.id, inside)?,
                same: sha256(&document) == trial.sha256,
                began: words::stored(trial.began_at),
                until: words::stored(trial.until_at),
                sent: words::count(sent),
                desk: format!("/inbox?procedure={}", trial.id),
                sha256: trial.sha256,
            })
        }
    };
    Ok(TrialPage { frame: frame(site, who, visitor), panel: Panel::of(work, "trial", said), open })
}

/// Where a trial is tried: by citizens, or by staff on the list of what they can apply for.
fn address(site: &Site, trial: &str, inside: bool) -> Result<String, Trouble> {
    if inside {
        return Ok(format!("{}/internal?trial={trial}", site.settings.staff_url));
    }
    Ok(facts::url(site, &trial_slug(&ProcedureId::parse(trial).or_fault()?)))
}

/// The page with what was not done above it.
async fn again(around: (&Site, &Who, &Visitor), work: &Work, said: Said) -> PageResult {
    let status = said.status();
    let page = page(around, work, said).await?;
    Err((status, Html(page)).into_response().into())
}

fn refused(key: &str) -> Said {
    Said::Refused(vec![TEXTS.text(key).to_owned()])
}

/// Begins a trial, ends it, or hands over what was tried.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let department = work.procedure().department.clone();
    who.may(Action::PublishDefinition, &Object::Definition { department })?;
    let around = (&site, &who, &visitor);
    let wanted = work.id.clone();
    let open = site.store.read(move |db| trials::of_design(db, &wanted)).await?;
    let done = match form.text("do") {
        "end" => return end((&site, &who), &work, open).await,
        _ if seen(&form) != work.version() => {
            Err(Said::Behind(work.behind(&site, seen(&form), Vec::new()).await?))
        }
        "publish" => hand_over((&site, &who), &work, open).await?,
        _ => begin((&site, &who), &work, open).await?,
    };
    match done {
        Ok(next) => Ok(see_other(next)),
        Err(said) => again(around, &work, said).await,
    }
}

/// Where to go on, or what is said above the form.
type Done = Result<String, Said>;

async fn begin(
    (site, who): (&Site, &Who),
    work: &Work,
    open: Option<Trial>,
) -> Result<Done, Trouble> {
    if !publish::checked(work.procedure()).0.is_empty() {
        return Ok(Err(refused("design.trial.not_yet")));
    }
    let checked = work.procedure().clone();
    let astray = site.store.read(move |db| publish::unknown_departments(db, &checked)).await?;
    if !astray.is_empty() {
        return Ok(Err(Said::Refused(astray.iter().map(problems::told).collect())));
    }
    let (procedure, document) = release::document(site, work).await?;
    let new = new(site, who, (&procedure, document), open)?;
    let (by, id, seen) = (who.by(site), work.id.clone(), work.version());
    let done = site.store.write(move |tx| trials::begin(tx, &by, (&id, seen), &new)).await?;
    if done != Changed::Done(seen) {
        return Err(Reply::conflict("design.overtaken").link(work.at("/trial")).into());
    }
    (site.posted)();
    Ok(Ok(work.at("/trial?said=on_trial")))
}

/// The rows and messages of a trial of this very document.
fn new(
    site: &Site,
    who: &Who,
    (procedure, document): (&Procedure, Vec<u8>),
    open: Option<Trial>,
) -> Result<NewTrial, Trouble> {
    let fresh = ProcedureId::parse(&site.new_id()).or_fault()?;
    let id = trial_of(&fresh).ok_or_else(|| platform_web::Fault::because("no id for a trial"))?;
    let at = who.by(site).at;
    let instead = match open {
        None => None,
        Some(open) => {
            let message = site.office.trial_over(&ProcedureId::parse(&open.id).or_fault()?, at);
            Some((open.id, message))
        }
    };
    let title = procedure.title.ja();
    Ok(NewTrial {
        slug: trial_slug(&id),
        title: TEXTS.fill("design.trial.marked", &[("title", &title)]),
        department_id: procedure.department.to_string(),
        internal: procedure.listing == Listing::Internal,
        procedure_id: procedure.id.to_string(),
        revision: i32::try_from(procedure.revision).unwrap_or(i32::MAX),
        sha256: sha256(&document),
        message: site.office.published(&id, procedure.revision, &document),
        document: String::from_utf8(document).or_fault()?,
        instead,
        id: id.to_string(),
    })
}

async fn end((site, who): (&Site, &Who), work: &Work, open: Option<Trial>) -> PageResult {
    if let Some(open) = open {
        let by = who.by(site);
        let trial = ProcedureId::parse(&open.id).or_fault()?;
        let message = site.office.trial_over(&trial, by.at);
        site.store
            .write(move |tx| trials::end(tx, &by, trial.as_str(), How::Ended, &message))
            .await?;
        (site.posted)();
    }
    Ok(see_other(work.at("/trial?said=trial_ended")))
}

/// Hands the document that was tried over to the last look before publishing, when the design is still
/// that document.
async fn hand_over(
    (site, who): (&Site, &Who),
    work: &Work,
    open: Option<Trial>,
) -> Result<Done, Trouble> {
    let Some(open) = open else { return Ok(Err(refused("design.trial.over"))) };
    let (procedure, document) = release::document(site, work).await?;
    if sha256(&document) != open.sha256 {
        return Ok(Err(refused("design.trial.changed")));
    }
    let (trial, revision) = (open.id.clone(), open.revision);
    let tried = site.store.read(move |db| procedures::revision(db, &trial, revision)).await?;
    let Some(tried) = tried else { return Ok(Err(refused("design.trial.over"))) };
    let title = procedure.title.ja().to_owned();
    let import = import::keep(site, who, title, tried.document).await?;
    let (by, id, seen, handed) = (who.by(site), work.id.clone(), work.version(), import.clone());
    let done = site
        .store
        .write(move |tx| {
            let offered = designs::offer(tx, (&id, seen), &open.sha256)?;
            let stands = offered == Changed::Done(seen);
            Ok(stands && trials::promise(tx, &by, &open.id, &handed)?)
        })
        .await?;
    if !done {
        return Err(Reply::conflict("design.overtaken").link(work.at("/trial")).into());
    }
    Ok(Ok(format!("/procedures/imports/{import}")))
}
