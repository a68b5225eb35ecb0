//! Where an application begins: who applies, the terms, an unfinished draft.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::forms::Answers;
use domain::forms::definition::{Login, Mode, Procedure};
use domain::ids::AccountId;
use domain::procedures::{Applicant, Period};
use http::StatusCode;
use internet_zone_store::applications::accept;
use internet_zone_store::applications::drafts::{self, Draft, NewDraft};
use internet_zone_store::identity::tokens::Purpose;
use internet_zone_store::identity::{Owner, accounts, consents};
use internet_zone_store::terminals::begun as begun_at_terminal;
use internet_zone_store::{invitations, procedures};
use platform_web::fields::Problem;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    see_other,
};

use super::content::Content;
use super::submit;
use super::whose::{self, Whose};
use crate::caller::{Caller, session_or_guest};
use crate::filling;
use crate::forms::Question;
use crate::frame::Frame;
use crate::identity::profile::{self, Profile};
use crate::identity::tokens::Proven;
use crate::identity::{address, register, terms};
use crate::letters::{Letter, Template};
use crate::procedures::show::known;
use crate::procedures::{invited, search, words};
use crate::reader;
use crate::shelf::Entry;
use crate::site::Site;
use crate::terminals;
use crate::texts::TEXTS;
use crate::urls;
use crate::usage::Usage;

#[derive(askama::Template)]
#[template(path = "applications/start.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// An account is needed and nobody is signed in.
    must_sign_in: bool,
    /// Signing in is possible but not needed.
    may_sign_in: bool,
    /// The address must be proven by mail first.
    by_mail: bool,
    /// The address that was proven in this session, where one is needed.
    proven: String,
    /// Another address is asked for than that.
    other: bool,
    other_link: String,
    questions: Vec<Question>,
    drafts: Vec<Unfinished>,
    /// An application of the same person is there, and another one would not be taken.
    twice: bool,
    steps: Vec<String>,
    /// How long what is typed is kept.
    kept: String,
    seats: String,
    /// No seat of the whole procedure is left, and nobody may wait for one.
    full: bool,
    action: String,
    login: String,
    register: String,
    back: String,
}

/// A draft to go on with.
struct Unfinished {
    href: String,
    saved: String,
}

impl Page<'_> {
    fn problems(&self) -> Vec<Problem> {
        self.questions.iter().flat_map(Question::problems).collect()
    }
}

/// The procedure, if it takes applications now from whoever knows its address.
pub(crate) fn open_to_all(site: &Site, slug: &str) -> Result<Arc<Entry>, Reply> {
    open_now(site, &known(&site.shelf.shown(), slug)?)
}

/// The procedure, if it takes applications now from this caller.
pub(crate) async fn open_procedure(
    site: &Site,
    caller: &Caller,
    slug: &str,
) -> Result<Arc<Entry>, Trouble> {
    Ok(open_now(site, &invited::reach(site, caller, slug).await?)?)
}

/// The same of a procedure that was found.
pub(super) fn open_now(site: &Site, entry: &Arc<Entry>) -> Result<Arc<Entry>, Reply> {
    let entry = entry.told();
    let slug = &entry.procedure().slug;
    let title = entry.procedure().title.ja().to_owned();
    if entry.procedure().mode != Mode::Online {
        return Err(Reply::not_found("procedures.not_online").link(urls::procedure(slug)));
    }
    match entry.procedure().open.at(site.clock.now()) {
        Period::Open { .. } => Ok(entry),
        Period::NotYet { from } => Err(Reply::conflict("applications.not_yet")
            .with("title", title)
            .with("from", words::time(from))
            .link(urls::procedure(slug))),
        Period::Grace { .. } | Period::Closed { .. } => Err(Reply::gone("applications.closed")
            .with("title", title)
            .with("period", search::period_words(&entry))
            .link(urls::procedure(slug))),
    }
}

/// The address to which mails about an application go.
enum Reached {
    /// None is asked for, or it is the account's.
    AsItIs,
    /// It must be proven first.
    Unproven,
    /// It was proven in this session.
    Proven(String),
}

/// Asks for another address than the one that was proven.
const OTHER: &str = "other";

/// Whether somebody must prove an address first. Not at a counter terminal, where staff are near and
/// nobody reads mails (IK-2.1.2a2), unless the address is what a person is known by; and not twice.
async fn reached(
    site: &Site,
    entry: &Entry,
    caller: &Caller,
    form: &FormData,
) -> Result<Reached, Trouble> {
    let procedure = entry.procedure();
    let asked = procedure.access.login == Login::Email && caller.account().is_none();
    if !asked || !by_address(procedure) && terminals::is_here() {
        return Ok(Reached::AsItIs);
    }
    let proven = invited::address(site, caller).await?.filter(|_| form.text(OTHER) != "yes");
    Ok(proven.map_or(Reached::Unproven, Reached::Proven))
}

/// Whether a person is known by the address, where one application each is allowed.
fn by_address(procedure: &Procedure) -> bool {
    procedure.access.once_per.as_ref().is_some_and(|rule| rule.key == "email")
}

/// Whether a guest may begin it by a link: it may want an account since the link was sent.
///
/// # Errors
/// The way to an account.
pub(super) fn takes_guests(procedure: &Procedure) -> Result<(), Reply> {
    match procedure.access.login {
        Login::Account => {
            Err(sign_in(procedure, "applications.needs_account", urls::start(&procedure.slug)))
        }
        Login::Email | Login::None => Ok(()),
    }
}

/// Whether it takes this draft, whatever it wanted when that was begun. A guest needs an address only
/// where people are known by it: who began at a terminal has none.
///
/// # Errors
/// The way to an account that takes the draft along.
pub(super) fn may_apply(procedure: &Procedure, draft: &Draft, email: &str) -> Result<(), Reply> {
    if draft.owner.account().is_some() {
        return Ok(());
    }
    let on = urls::login_then(&urls::draft(&draft.id));
    match procedure.access.login {
        Login::Account => Err(sign_in(procedure, "applications.needs_account_kept", on)),
        Login::Email if by_address(procedure) && email.is_empty() => {
            Err(sign_in(procedure, "applications.needs_address_kept", on))
        }
        Login::Email | Login::None => Ok(()),
    }
}

fn sign_in(procedure: &Procedure, key: &'static str, way: String) -> Reply {
    Reply::conflict(key).with("title", procedure.title.ja()).link(way)
}

async fn page(
    site: &Site,
    caller: &Caller,
    visitor: &Visitor,
    (entry, form): (&Entry, &FormData),
    (mail_error, agree_error): (Option<&str>, bool),
) -> Result<Response, Trouble> {
    let procedure = entry.procedure();
    let signed_in = caller.account().is_some();
    let login = procedure.access.login;
    let reached = reached(site, entry, caller, form).await?;
    let by_mail = matches!(reached, Reached::Unproven);
    let mut questions = Vec::new();
    let principals = whose::principals(site, caller, entry).await?;
    questions.extend(whose::question(&principals, form.text(whose::INPUT)));
    if by_mail {
        questions.push(register::email_question(form.text("email"), mail_error));
    }
    if !agreed_before(site, caller).await? {
        questions.push(terms::question(form.has(terms::INPUT), agree_error));
    }
    let wrong = mail_error.is_some() || agree_error;
    let title = TEXTS.fill("applications.start.title", &[("title", &procedure.title.ja())]);
    let here = urls::start(&procedure.slug);
    let proven = match reached {
        Reached::Proven(email) => email,
        Reached::AsItIs | Reached::Unproven => String::new(),
    };
    let (seats, full) = seats_of(site, procedure).await?;
    let page = Page {
        frame: Frame::form(site, caller, visitor, title).with_errors(wrong),
        must_sign_in: login == Login::Account && !signed_in,
        may_sign_in: login == Login::Email && !signed_in,
        by_mail,
        twice: applied_before(site, caller, entry, &proven).await?,
        proven,
        other: form.text(OTHER) == "yes",
        other_link: format!("{here}?{OTHER}=yes"),
        questions,
        drafts: unfinished(site, caller, procedure.id.as_str()).await?,
        steps: procedure.pages.iter().map(|page| page.title.ja().to_owned()).collect(),
        kept: if login == Login::None && !signed_in {
            TEXTS.fill("applications.start.kept_here", &[("minutes", &site.limits.idle_minutes)])
        } else {
            TEXTS.fill("applications.start.kept", &[("days", &procedure.retain.draft_days)])
        },
        seats,
        full,
        action: here.clone(),
        login: urls::login_then(&here),
        register: format!("{}?next={}", urls::REGISTER, urls::encode(&here)),
        back: urls::procedure(&procedure.slug),
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(page)).into_response())
}

/// Whether what the account, or a guest with this proven address, would send is known to be one too
/// many (NF-64). Sending decides; who applies for somebody else, or is known by an answer, learns it
/// then.
async fn applied_before(
    site: &Site,
    caller: &Caller,
    entry: &Entry,
    proven: &str,
) -> Result<bool, Trouble> {
    let Some(id) = caller.account() else { return sent_before(site, entry, None, proven).await };
    let (wanted, account) = (id.to_owned(), AccountId::parse(id).or_fault()?);
    let known = site.store.read(move |db| accounts::find(db, &wanted)).await?;
    let email = known.map(|known| profile::email(&site.vault, &known)).unwrap_or_default();
    sent_before(site, entry, Some(&account), &email).await
}

/// Whether an application of this account or this proven address stands in the way of another one.
pub(super) async fn sent_before(
    site: &Site,
    entry: &Entry,
    account: Option<&AccountId>,
    email: &str,
) -> Result<bool, Trouble> {
    let who = Applicant { account, email: Some(email).filter(|email| !email.is_empty()) };
    let Some(key) = submit::once_key(site, entry, who, &Answers::new()) else { return Ok(false) };
    let left = account.and_then(|account| {
        submit::left_behind(site, entry, (account.as_str(), email), site.today())
    });
    let keys: Vec<Vec<u8>> = std::iter::once(key).chain(left.map(|(_, address)| address)).collect();
    let (procedure, now) = (entry.procedure().id.as_str().to_owned(), site.micros());
    let taken = site.store.read(move |db| {
        for key in &keys {
            if accept::is_taken(db, &procedure, key, now)? {
                return Ok(true);
            }
        }
        Ok(false)
    });
    Ok(taken.await?)
}

/// Whether the account agreed to the terms in force.
pub(super) async fn agreed_before(site: &Site, caller: &Caller) -> Result<bool, Trouble> {
    let Some(owner @ Owner::Account(_)) = caller.owner().cloned() else { return Ok(false) };
    Ok(site.store.read(move |db| consents::agreed(db, &owner, terms::TERMS.version)).await?)
}

/// What is said of the seats of the whole procedure, and whether nobody can have one or wait for one
/// now. Sending decides; this saves filling in for nothing.
pub(super) async fn seats_of(
    site: &Site,
    procedure: &Procedure,
) -> Result<(String, bool), Trouble> {
    if procedure.capacity.is_none() {
        return Ok((String::new(), false));
    }
    let id = procedure.id.as_str().to_owned();
    let pools = site.store.read(move |db| procedures::pools(db, &id)).await?;
    let told = super::seats::of_procedure(procedure.capacity.as_ref(), &pools);
    Ok((told, super::seats::is_closed(&pools)))
}

async fn unfinished(
    site: &Site,
    caller: &Caller,
    procedure: &str,
) -> Result<Vec<Unfinished>, Trouble> {
    let Some(owner) = caller.owner().cloned() else { return Ok(Vec::new()) };
    let now = site.micros();
    let drafts = site.store.read(move |db| drafts::of(db, &owner, now)).await?;
    let mine = drafts.into_iter().filter(|d| d.procedure_id == procedure && d.correction.is_none());
    Ok(mine
        .map(|draft| Unfinished {
            href: urls::draft(&draft.id),
            saved: words::micros(draft.updated_at),
        })
        .collect())
}

/// Shows what is needed before the first question.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let entry = open_procedure(&site, &caller, &slug).await?;
    page(&site, &caller, &visitor, (&entry, &asked), (None, false)).await
}

/// Begins a draft, or sends the link that begins it (NF-17, NF-62).
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let entry = open_procedure(&site, &caller, &slug).await?;
    let login = entry.procedure().access.login;
    let signed_in = caller.account().is_some();
    if login == Login::Account && !signed_in {
        return Ok(see_other(urls::login_then(&urls::start(&slug))));
    }
    let by_mail = matches!(reached(&site, &entry, &caller, &form).await?, Reached::Unproven);
    let email = address::read(form.text("email"));
    let mail_error = (by_mail && email.is_none()).then(|| TEXTS.text("identity.email_wrong"));
    let before = agreed_before(&site, &caller).await?;
    let agree_error = !before && form.text(terms::INPUT) != "yes";
    if mail_error.is_some() || agree_error {
        return page(&site, &caller, &visitor, (&entry, &form), (mail_error, agree_error)).await;
    }
    if seats_of(&site, entry.procedure()).await?.1 {
        return Err(full_now(&entry).into());
    }
    if by_mail {
        return send_link(&site, &caller, &entry, email.unwrap_or_default()).await;
    }
    let (session, cookie) = session_or_guest(&site, &caller).await?;
    let mut whose: Whose = session.owner.into();
    if !form.text(whose::INPUT).is_empty() {
        let principals = whose::principals(&site, &caller, &entry).await?;
        whose = whose::chosen(whose.owner, &principals, form.text(whose::INPUT))
            .ok_or_else(|| Reply::conflict("applications.no_mandate").link(urls::start(&slug)))?;
    }
    let anonymous = login == Login::None;
    let by = if anonymous { caller.by_nobody() } else { caller.by() };
    let invitation = invited::standing(&site, &caller, entry.procedure(), None).await?;
    let id = begin(&site, &entry, &whose, by, (!before, invitation)).await?;
    let mut answer = see_other(urls::draft(&id));
    if let Some(cookie) = cookie {
        cookie.set_on(&mut answer);
    }
    Ok(answer)
}

/// The last seat went while the page was open.
fn full_now(entry: &Entry) -> Reply {
    Reply::conflict("applications.full_now")
        .with("title", entry.procedure().title.ja().to_owned())
        .link(urls::procedure(&entry.procedure().slug))
}

async fn send_link(site: &Site, caller: &Caller, entry: &Entry, email: String) -> PageResult {
    let procedure = entry.procedure();
    let index = site.vault.index("email", &address::key(&email));
    let proven = Proven {
        invitation: invited::standing(site, caller, procedure, None).await?,
        ..Proven::of(&email, &procedure.slug)
    };
    let minutes = site.limits.link_hours * 60;
    let (token, row) =
        crate::identity::tokens::make(site, Purpose::GuestStart, None, minutes, &proven);
    let letter = Letter::new(email, Template::GuestStart)
        .in_language(reader::lang())
        .about(&entry.title)
        .with("link", format!("{}/guest/{token}", site.city.base_url));
    register::send(site, "guest", index, row, letter).await?;
    register::sent_page(site, caller, TEXTS.text("applications.start.mail_title"))
}

/// Begins a draft; an account's is filled in from its profile (NF-57).
pub(crate) async fn begin(
    site: &Site,
    entry: &Entry,
    whose: &Whose,
    by: internet_zone_store::By,
    (agrees, invitation): (bool, Option<String>),
) -> Result<String, Trouble> {
    let new = new_draft(site, entry, whose, &by, None).await?;
    let id = new.id.clone();
    let (owner, agreement) = (whose.actor(), terms::agreement(site));
    let at_terminal = terminals::is_here();
    site.store
        .write(move |tx| {
            if agrees {
                consents::agree(tx, &by, &owner, &agreement)?;
            }
            drafts::begin(tx, &by, &new)?;
            if let Some(invitation) = invitation {
                invitations::begun(tx, &new.id, &invitation)?;
            }
            if at_terminal { begun_at_terminal(tx, &new.id, &new.owner) } else { Ok(()) }
        })
        .await?;
    site.counts(entry.procedure().id.as_str(), Usage::Start);
    filling::begun(site, entry);
    Ok(id)
}

/// Begins a draft that waits for the answers of an earlier application (NF-58).
pub(super) async fn begin_from(
    site: &Site,
    entry: &Entry,
    owner: &Owner,
    by: internet_zone_store::By,
    earlier: &str,
) -> Result<String, Trouble> {
    let new = new_draft(site, entry, &owner.clone().into(), &by, Some(earlier)).await?;
    let id = new.id.clone();
    let account = owner.account().unwrap_or_default();
    let letter = site.post.copy(site.new_id(), earlier, account, &id).or_fault()?;
    site.store.write(move |tx| drafts::begin_from(tx, &by, &new, letter)).await?;
    site.counts(entry.procedure().id.as_str(), Usage::Start);
    filling::begun(site, entry);
    Ok(id)
}

pub(super) async fn new_draft(
    site: &Site,
    entry: &Entry,
    whose: &Whose,
    by: &internet_zone_store::By,
    earlier: Option<&str>,
) -> Result<NewDraft, Trouble> {
    let filled = match &whose.owner {
        Owner::Account(id) if entry.procedure().access.login != Login::None => {
            prefill(site, entry, id).await?
        }
        Owner::Account(_) | Owner::Guest(_) => Answers::new(),
    };
    let id = site.new_id();
    let waits_for = earlier.map(str::to_owned);
    let content = Content { answers: filled.clone(), filled, waits_for, ..Content::default() };
    let days = i64::from(entry.procedure().retain.draft_days);
    Ok(NewDraft {
        answers_sealed: content.seal(&site.vault, &id),
        procedure_id: entry.procedure().id.as_str().to_owned(),
        revision: entry.revision,
        owner: whose.owner.clone(),
        delegate: whose.delegate.clone(),
        correction: None,
        expires_at: by.at + days * 86_400_000_000,
        id,
    })
}

async fn prefill(site: &Site, entry: &Entry, account: &str) -> Result<Answers, Trouble> {
    let id = account.to_owned();
    let account = site.store.read(move |db| accounts::find(db, &id)).await?;
    let Some(account) = account else { return Ok(Answers::new()) };
    let email = profile::email(&site.vault, &account);
    Ok(Profile::open(&site.vault, &account)?.prefill(entry.procedure(), &email))
}
