//! Several applications begun with one press, for somebody with an account (IK-2.1.2c, NF-55). What
//! is sent of one fills the same questions of the others that were not touched yet.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::forms::Answers;
use domain::forms::definition::Login;
use http::StatusCode;
use internet_zone_store::applications::cosigns;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::applications::together::{self, Share};
use internet_zone_store::identity::{Owner, consents};
use platform_service::ids;
use platform_web::fields::{Choice, Field, Problem};
use platform_web::{CsrfForm, FormData, Html, PageResult, QueryData, Trouble, Visitor, see_other};

use super::access::OpenDraft;
use super::content::Content;
use super::whose::Whose;
use super::{cosigning, start};
use crate::caller::{Caller, Citizen};
use crate::forms::Question;
use crate::frame::Frame;
use crate::identity::terms;
use crate::procedures::search;
use crate::reader::said;
use crate::shelf::Entry;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;
use crate::usage::Usage;

/// Procedures begun with one press at most.
const MOST: usize = 10;
/// Input that names a procedure by its address.
pub(crate) const INPUT: &str = "p";
/// Input that makes a second press find what the first one began.
const KEY: &str = "key";

#[derive(askama::Template)]
#[template(path = "applications/together.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedures: Field,
    /// What has to be begun alone, or cannot be begun now: title, address, word for it.
    alone: Vec<(String, String, &'static str)>,
    questions: Vec<Question>,
    problems: Vec<Problem>,
    key: String,
}

/// Whether a procedure can be begun together with others: it takes applications now, and asks who
/// applies.
pub(crate) fn can(site: &Site, entry: &Entry) -> bool {
    entry.procedure().access.login != Login::None
        && start::open_to_all(site, &entry.procedure().slug).is_ok()
}

/// The procedures that were named, each once, in their order.
fn named(site: &Site, form: &FormData) -> Vec<Arc<Entry>> {
    let shown = site.shelf.shown();
    let mut found: Vec<Arc<Entry>> = Vec::new();
    for slug in form.all(INPUT) {
        if let Some(entry) = shown.by_slug(slug)
            && found.len() < MOST
            && !found.iter().any(|one| one.procedure().id == entry.procedure().id)
        {
            found.push(Arc::clone(entry));
        }
    }
    found
}

/// What is wrong with what was sent.
#[derive(Clone, Copy, Default)]
struct Wrong {
    nothing: bool,
    terms: bool,
}

async fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    (named, chosen): (&[Arc<Entry>], &[String]),
    form: &FormData,
    wrong: Wrong,
) -> Result<Response, Trouble> {
    let (can, alone): (Vec<&Arc<Entry>>, Vec<&Arc<Entry>>) =
        named.iter().partition(|entry| can(site, entry));
    let choice = |entry: &&Arc<Entry>| {
        let procedure = entry.procedure();
        Choice::new(procedure.slug.as_str(), said(&procedure.title))
            .among(chosen.iter().map(String::as_str))
    };
    let error = wrong.nothing.then(|| TEXTS.text("applications.together.nothing"));
    let procedures = Field::new(INPUT, TEXTS.text("applications.together.which"))
        .required()
        .error(error)
        .choices(can.iter().map(choice).collect());
    let mut questions = Vec::new();
    if !start::agreed_before(site, caller).await? {
        questions.push(terms::question(form.has(terms::INPUT), wrong.terms));
    }
    let problems = procedures.problems().into_iter();
    let problems: Vec<Problem> =
        problems.chain(questions.iter().flat_map(Question::problems)).collect();
    let (bad, now) = (!problems.is_empty(), site.clock.now());
    let title = TEXTS.text("applications.together.title");
    let key = form.text(KEY);
    let page = Page {
        frame: Frame::form(site, caller, visitor, title).with_errors(bad),
        procedures,
        alone: alone
            .into_iter()
            .map(|entry| {
                let hit = search::hit(entry, now);
                (hit.title, hit.href, hit.badge.0)
            })
            .collect(),
        questions,
        problems,
        key: if key.is_empty() { ids::token() } else { key.to_owned() },
    };
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page)).into_response())
}

/// Shows what would be begun. Who is not signed in signs in first and comes back.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let named = named(&site, &asked);
    if named.is_empty() {
        return Ok(see_other(urls::PROCEDURES));
    }
    let slugs: Vec<String> = named.iter().map(|one| one.procedure().slug.clone()).collect();
    if caller.account().is_none() {
        return Ok(see_other(urls::login_then(&address(&slugs))));
    }
    let who = (&site, &caller, &visitor);
    page(who, (&named, &slugs), &FormData::default(), Wrong::default()).await
}

/// The page for these procedures.
pub(crate) fn address(slugs: &[String]) -> String {
    let named: Vec<String> =
        slugs.iter().map(|slug| format!("{INPUT}={}", urls::encode(slug))).collect();
    format!("{}?{}", urls::TOGETHER, named.join("&"))
}

/// Begins a draft of each procedure that was chosen, and leads to the first.
pub(crate) async fn post(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let all = named(&site, &FormData::from_iter(form.all("all").map(|slug| (INPUT, slug))));
    let entries: Vec<Arc<Entry>> =
        named(&site, &form).into_iter().filter(|entry| can(&site, entry)).collect();
    let agreed = start::agreed_before(&site, &who.caller).await?;
    let terms = !agreed && form.text(terms::INPUT) != "yes";
    let wrong = Wrong { nothing: entries.is_empty(), terms };
    if wrong.nothing || wrong.terms {
        let chosen: Vec<String> = form.all(INPUT).map(str::to_owned).collect();
        let shown = (all.as_slice(), chosen.as_slice());
        return page((&site, &who.caller, &visitor), shown, &form, wrong).await;
    }
    let owner = Owner::Account(who.id.clone());
    let (whose, by) = (Whose::from(owner.clone()), who.caller.by());
    let mut new = Vec::new();
    for entry in &entries {
        new.push(start::new_draft(&site, entry, &whose, &by, None).await?);
    }
    let set = set_id(&site, &who.id, form.text(KEY));
    let (agreement, wanted) = (terms::agreement(&site), set.clone());
    let begun = site.store.write(move |tx| {
        let begun = together::begin(tx, &by, &wanted, &new)?;
        if begun && !agreed {
            consents::agree(tx, &by, &owner, &agreement)?;
        }
        Ok(begun)
    });
    if begun.await? {
        for entry in &entries {
            site.counts(entry.procedure().id.as_str(), Usage::Start);
        }
    }
    let first = site.store.read(move |db| together::unsent_of(db, &set)).await?;
    Ok(see_other(first.first().map_or_else(|| urls::MY_PAGE.to_owned(), |id| urls::draft(id))))
}

/// The set that one page begins for one account, however often it is pressed.
fn set_id(site: &Site, account: &str, key: &str) -> String {
    let hash = site.vault.index("together", &format!("{account} {key}"));
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What the answers that are sent now lay into the drafts begun together with them.
pub(super) async fn shares(
    site: &Site,
    open: &OpenDraft,
    answers: &Answers,
) -> Result<Vec<Share>, Trouble> {
    if open.entry.procedure().access.login == Login::None {
        return Ok(Vec::new());
    }
    let (id, now) = (open.draft.id.clone(), site.micros());
    let others = site.store.read(move |db| {
        let ids = together::others(db, &id)?;
        let mut others = Vec::new();
        for other in drafts::among(db, &ids, now)? {
            let files = drafts::files(db, &other.id)?;
            others.push((cosigns::of_draft(db, &other.id)?, files, other));
        }
        Ok(others)
    });
    let mut shares = Vec::new();
    let shown = site.shelf.shown();
    let own = |one: &(Vec<_>, Vec<_>, Draft)| one.2.owner == open.draft.owner;
    for (cosigns, files, other) in others.await?.into_iter().filter(own) {
        // Labels are compared: both forms in the language of the reader.
        let Some(entry) = shown.by_id(&other.procedure_id) else { continue };
        let entry = entry.told();
        let Some(mut content) = Content::open_or_skip(&site.vault, &other) else { continue };
        if content.share(&entry.form, &open.entry.form, answers) {
            let answers_sealed = content.seal(&site.vault, &other.id);
            let signed = (entry.as_ref(), cosigns.as_slice(), &open.by);
            let voids = cosigning::voids(site, signed, &content, &files);
            let (draft_id, version) = (other.id, other.version);
            shares.push(Share { draft_id, version, answers_sealed, voids });
        }
    }
    Ok(shares)
}

/// A draft begun together with an application that was sent.
pub(super) struct Next {
    pub(super) title: String,
    pub(super) href: String,
    /// Questions that are filled in from what was sent.
    pub(super) shared: usize,
}

/// What is left to send of those begun together with an application of the caller.
pub(super) async fn left(
    site: &Site,
    caller: &Caller,
    application: &str,
) -> Result<Vec<Next>, Trouble> {
    let (id, now) = (application.to_owned(), site.micros());
    let found = site.store.read(move |db| {
        let ids = together::others_of(db, &id)?;
        let drafts = drafts::among(db, &ids, now)?;
        Ok((ids, drafts))
    });
    let (ids, mut drafts) = found.await?;
    drafts.retain(|draft| caller.owner() == Some(&draft.owner));
    drafts.sort_by_key(|draft| ids.iter().position(|id| *id == draft.id));
    let shown = site.shelf.shown();
    let next = drafts.into_iter().filter_map(|draft| {
        let entry = shown.by_id(&draft.procedure_id)?;
        let shared = Content::open_or_skip(&site.vault, &draft)?.shared;
        let title = said(&entry.procedure().title);
        Some(Next { title, href: urls::draft(&draft.id), shared })
    });
    Ok(next.collect())
}
