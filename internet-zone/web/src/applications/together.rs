//! Several applications begun with one press, for an account or for a guest who proved an address once
//! (IK-2.1.2c, NF-55). What is sent of one fills the same questions of the others that were not touched
//! yet.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::forms::Answers;
use domain::forms::definition::Login;
use http::StatusCode;
use internet_zone_store::applications::cosigns;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::applications::together::{self, Share};
use internet_zone_store::identity::tokens::Purpose;
use internet_zone_store::identity::{Owner, consents};
use platform_service::ids;
use platform_web::fields::{Choice, Field, Problem};
use platform_web::{CsrfForm, FormData, Html, PageResult, QueryData, Trouble, Visitor, see_other};

use super::access::OpenDraft;
use super::content::Content;
use super::whose::Whose;
use super::{cosigning, start};
use crate::caller::Caller;
use crate::filling;
use crate::forms::Question;
use crate::frame::Frame;
use crate::identity::tokens::Proven;
use crate::identity::{address as mail, register, terms, tokens};
use crate::letters::{Letter, Template};
use crate::procedures::{invited, search};
use crate::reader::{self, said};
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
    /// Somebody must sign in or prove an address first: where one signs in.
    login: Option<String>,
    lead: &'static str,
}

/// Whether a procedure can be begun together with others: it takes applications now, and asks who
/// applies.
pub(crate) fn can(site: &Site, entry: &Entry) -> bool {
    entry.procedure().access.login != Login::None
        && start::open_to_all(site, &entry.procedure().slug).is_ok()
}

/// The same for who is there: a guest begins nothing that needs an account.
fn can_by(site: &Site, entry: &Entry, owner: Option<&Owner>) -> bool {
    let account = owner.is_some_and(|owner| owner.account().is_some());
    can(site, entry) && (account || entry.procedure().access.login == Login::Email)
}

/// Who may begin several at once: an account, or a guest who proved an address.
async fn owner(site: &Site, caller: &Caller) -> Result<Option<Owner>, Trouble> {
    let proven = invited::address(site, caller).await?;
    Ok(caller.owner().filter(|_| proven.is_some()).cloned())
}

/// Whether the account, or the guest with the link that proved the address, agreed to the terms.
async fn agreed(site: &Site, owner: Option<&Owner>) -> Result<bool, Trouble> {
    let Some(owner) = owner.cloned() else { return Ok(false) };
    Ok(site.store.read(move |db| consents::agreed(db, &owner, terms::TERMS.version)).await?)
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
    email: bool,
}

async fn page(
    (site, caller, visitor, owner): (&Site, &Caller, &Visitor, Option<&Owner>),
    (named, chosen): (&[Arc<Entry>], &[String]),
    form: &FormData,
    wrong: Wrong,
) -> Result<Response, Trouble> {
    let (can, alone): (Vec<&Arc<Entry>>, Vec<&Arc<Entry>>) =
        named.iter().partition(|entry| can_by(site, entry, owner));
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
    if owner.is_none() {
        let error = wrong.email.then(|| TEXTS.text("identity.email_wrong"));
        questions.push(register::email_question(form.text("email"), error));
    }
    if !agreed(site, owner).await? {
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
        login: owner.is_none().then(|| urls::login_then(&address(&slugs(named)))),
        lead: match owner {
            Some(Owner::Account(_)) => TEXTS.text("applications.together.lead"),
            Some(Owner::Guest(_)) | None => TEXTS.text("applications.together.lead_guest"),
        },
    };
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page)).into_response())
}

fn slugs(entries: &[Arc<Entry>]) -> Vec<String> {
    entries.iter().map(|one| one.procedure().slug.clone()).collect()
}

/// Shows what would be begun. Who is not known yet signs in or proves an address, and comes back.
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
    let (slugs, owner) = (slugs(&named), owner(&site, &caller).await?);
    // Without an account nothing of it can be begun.
    if owner.is_none() && !named.iter().any(|entry| can_by(&site, entry, None)) {
        return Ok(see_other(urls::login_then(&address(&slugs))));
    }
    let who = (&site, &caller, &visitor, owner.as_ref());
    page(who, (&named, &slugs), &FormData::default(), Wrong::default()).await
}

/// The page for these procedures.
pub(crate) fn address(slugs: &[String]) -> String {
    let named: Vec<String> =
        slugs.iter().map(|slug| format!("{INPUT}={}", urls::encode(slug))).collect();
    format!("{}?{}", urls::TOGETHER, named.join("&"))
}

/// What a link that proves an address says it opens, when it opens this page: the first procedure, and
/// how many there are.
pub(super) fn opened_by(site: &Site, next: &str) -> Option<(Arc<Entry>, usize)> {
    let query = next.strip_prefix(urls::TOGETHER)?.strip_prefix('?')?;
    let named = named(site, &FormData::parse(query.as_bytes()).ok()?);
    Some((named.first().cloned()?, named.len()))
}

/// Sends the link that proves an address and leads back here (NF-62).
async fn prove(site: &Site, caller: &Caller, visitor: &Visitor, form: &FormData) -> PageResult {
    let named: Vec<Arc<Entry>> =
        named(site, form).into_iter().filter(|entry| can_by(site, entry, None)).collect();
    let Some(first) = named.first() else { return Ok(see_other(urls::PROCEDURES)) };
    let slugs = slugs(&named);
    // A session that ended sends the boxes of the other page.
    if !form.has("email") {
        return Ok(see_other(address(&slugs)));
    }
    let terms = form.text(terms::INPUT) != "yes";
    let email = mail::read(form.text("email"));
    let (Some(email), false) = (&email, terms) else {
        let wrong = Wrong { nothing: false, terms, email: email.is_none() };
        return page((site, caller, visitor, None), (&named, &slugs), form, wrong).await;
    };
    let index = site.vault.index("email", &mail::key(email));
    let proven = Proven::of(email, &address(&slugs));
    let minutes = site.limits.link_hours * 60;
    let (token, row) = tokens::make(site, Purpose::GuestStart, None, minutes, &proven);
    let letter = Letter::new(email.clone(), Template::GuestStart)
        .in_language(reader::lang())
        .about(&first.title)
        .with("link", format!("{}/guest/{token}", site.city.base_url));
    register::send(site, "guest", index, row, letter).await?;
    register::sent_page(site, caller, TEXTS.text("applications.start.mail_title"))
}

/// Begins a draft of each procedure that was chosen, and leads to the first.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let Some(owner) = owner(&site, &caller).await? else {
        return prove(&site, &caller, &visitor, &form).await;
    };
    let all = named(&site, &FormData::from_iter(form.all("all").map(|slug| (INPUT, slug))));
    let entries: Vec<Arc<Entry>> =
        named(&site, &form).into_iter().filter(|one| can_by(&site, one, Some(&owner))).collect();
    let agreed = agreed(&site, Some(&owner)).await?;
    let terms = !agreed && form.text(terms::INPUT) != "yes";
    let wrong = Wrong { nothing: entries.is_empty(), terms, email: false };
    if wrong.nothing || wrong.terms {
        let chosen: Vec<String> = form.all(INPUT).map(str::to_owned).collect();
        let shown = (all.as_slice(), chosen.as_slice());
        return page((&site, &caller, &visitor, Some(&owner)), shown, &form, wrong).await;
    }
    let (whose, by) = (Whose::from(owner.clone()), caller.by());
    let mut new = Vec::new();
    for entry in &entries {
        new.push(start::new_draft(&site, entry, &whose, &by, None).await?);
    }
    let set = set_id(&site, &owner, form.text(KEY));
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
            filling::begun(&site, entry);
        }
    }
    let first = site.store.read(move |db| together::unsent_of(db, &set)).await?;
    let sent = if caller.account().is_some() { urls::MY_PAGE } else { urls::PROCEDURES };
    Ok(see_other(first.first().map_or_else(|| sent.to_owned(), |id| urls::draft(id))))
}

/// The set that one page begins for one person, however often it is pressed.
fn set_id(site: &Site, owner: &Owner, key: &str) -> String {
    let hash = site.vault.index("together", &format!("{} {key}", owner.name()));
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
