//! Procedures for whoever was invited (招待された人だけの手続, NF-45): the address of one leads here, where
//! a code is typed or an invited e-mail address is proven.
//!
//! Whatever does not open it gets one answer, whether it is wrong, used up, over or revoked. An address
//! is answered by a mail to it and by nothing else.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use axum::response::Response;
use domain::applications::GuestSecret;
use domain::forms::definition::{Listing, Procedure};
use domain::identity::{Action, Actor, Object, authorize};
use http::StatusCode;
use internet_zone_store::By;
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::identity::{Owner, accounts, guests, sessions, tries};
use internet_zone_store::invitations::{self, Shown};
use internet_zone_store::vault::token_hash;
use platform_web::fields::{Field, Problem};
use platform_web::{CsrfForm, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::show::known;
use crate::caller::{Caller, fresh_session, session_or_guest};
use crate::frame::Frame;
use crate::identity::tokens::{Proven, look, make};
use crate::identity::{address as addresses, guesses, profile, register};
use crate::letters::{Letter, Template};
use crate::shelf::Entry;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::{places, reader, urls};

#[derive(askama::Template)]
#[template(path = "procedures/invited.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// The title says already whom the first part is for.
    with_code: bool,
    code: Field,
    email: Field,
    problems: Vec<Problem>,
    action: String,
    by_address: String,
    login: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "procedures/invited_proven.html")]
struct ProvenPage<'a> {
    frame: Frame<'a>,
    email: String,
    action: String,
}

/// The procedure with this address, if the caller may see it. Who needs an invitation is led to where
/// it is shown.
pub(crate) async fn reach(site: &Site, caller: &Caller, slug: &str) -> Result<Arc<Entry>, Trouble> {
    let shown = site.shelf.shown();
    let Some(entry) = shown.by_invitation(slug) else { return Ok(known(&shown, slug)?) };
    let invited = standing(site, caller, entry.procedure(), None).await?.is_some();
    let object = Object::Procedure { listing: entry.procedure().listing, invited };
    match authorize(&Actor::Visitor(String::new()), Action::ReadProcedure, &object) {
        Ok(()) => Ok(Arc::clone(entry)),
        Err(_) => Err(see_other(urls::invited(slug)).into()),
    }
}

/// The invitation by which the caller may use a procedure; `None` where none is needed, too.
pub(crate) async fn standing(
    site: &Site,
    caller: &Caller,
    procedure: &Procedure,
    draft: Option<&str>,
) -> Result<Option<String>, Trouble> {
    if procedure.listing != Listing::Invite {
        return Ok(None);
    }
    let address = address(site, caller).await?;
    let key = address.map(|one| invitations::key_of_address(&site.vault, &procedure.id, &one));
    let session = caller.session_hash().map(<[u8]>::to_vec);
    let shown = Shown { session, key, draft: draft.map(str::to_owned) };
    let (id, now) = (procedure.id.as_str().to_owned(), site.micros());
    Ok(site.store.read(move |db| invitations::standing(db, &id, &shown, now)).await?)
}

/// The same for whoever holds a link to an address, shown before it was sent or not.
pub(crate) async fn by_proof(
    site: &Site,
    procedure: &Procedure,
    email: &str,
    held: Option<String>,
) -> Result<Option<String>, Trouble> {
    let key = Some(invitations::key_of_address(&site.vault, &procedure.id, email));
    let (id, now) = (procedure.id.as_str().to_owned(), site.micros());
    let found = site.store.read(move |db| {
        let held = held.map(|held| invitations::stands(db, &id, &held, now)).transpose()?.flatten();
        if held.is_some() {
            return Ok(held);
        }
        invitations::standing(db, &id, &Shown { key, ..Shown::default() }, now)
    });
    Ok(found.await?)
}

/// The address the caller has proven.
pub(crate) async fn address(site: &Site, caller: &Caller) -> Result<Option<String>, Trouble> {
    match caller.owner().cloned() {
        Some(Owner::Account(id)) => {
            let account = site.store.read(move |db| accounts::find(db, &id)).await?;
            Ok(account.map(|account| profile::email(&site.vault, &account)))
        }
        Some(Owner::Guest(id)) => {
            let guest = id.clone();
            let sealed = site.store.read(move |db| guests::email(db, &guest)).await?;
            let opened =
                |sealed: Vec<u8>| site.vault.open_text(places::guest_email(&id), &sealed).ok();
            Ok(sealed.and_then(opened))
        }
        None => Ok(None),
    }
}

fn entry_of(site: &Site, slug: &str) -> Result<Arc<Entry>, Trouble> {
    let shown = site.shelf.shown();
    match shown.by_invitation(slug) {
        Some(entry) => Ok(Arc::clone(entry)),
        // Nobody needs an invitation to it.
        None => {
            known(&shown, slug)?;
            Err(see_other(urls::procedure(slug)).into())
        }
    }
}

/// What stands in the two fields, and what is wrong with it.
#[derive(Default)]
struct Typed<'a> {
    code: &'a str,
    code_error: Option<&'static str>,
    email: &'a str,
    email_error: Option<&'static str>,
}

fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    slug: &str,
    typed: &Typed<'_>,
) -> Response {
    let code = Field::new("code", TEXTS.text("procedures.invited.code"))
        .required()
        .hint(TEXTS.text("procedures.invited.code_hint"))
        .value(typed.code)
        .width(24)
        .error(typed.code_error);
    let email = Field::new("email", TEXTS.text("identity.email"))
        .required()
        .hint(TEXTS.text("procedures.invited.email_hint"))
        .value(typed.email)
        .kind("email")
        .inputmode("email")
        .autocomplete("email")
        .error(typed.email_error);
    let problems: Vec<Problem> = [&code, &email].into_iter().flat_map(Field::problems).collect();
    let bad = !problems.is_empty();
    // Whoever came by a code finds it filled in.
    let with_code = !typed.code.is_empty();
    let title = TEXTS.text(match with_code {
        false => "procedures.invited.title",
        true => "procedures.invited.by_code",
    });
    let page = Page {
        frame: Frame::form(site, caller, visitor, title).with_errors(bad),
        with_code,
        code,
        email,
        problems,
        action: urls::invited(slug),
        by_address: format!("{}-address", urls::invited(slug)),
        login: caller.account().is_none().then(|| urls::login_then(&urls::procedure(slug))),
    };
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(page)).into_response()
}

/// Asks for the invitation.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
) -> PageResult {
    entry_of(&site, &slug)?;
    Ok(page((&site, &caller, &visitor), &slug, &Typed::default()))
}

/// The same with the code of a slip filled in. A program that follows links opens nothing.
pub(crate) async fn with_code(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path((slug, code)): Path<(String, String)>,
) -> PageResult {
    entry_of(&site, &slug)?;
    let code = code.parse::<GuestSecret>().map(|code| code.to_string()).unwrap_or_default();
    let typed = Typed { code: &code, ..Typed::default() };
    Ok(page((&site, &caller, &visitor), &slug, &typed))
}

/// Opens the procedure to the visitor when the code stands.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let entry = entry_of(&site, &slug)?;
    let who = (&site, &caller, &visitor);
    let refused = |key: &'static str| {
        let typed = Typed {
            code: form.text("code"),
            code_error: Some(TEXTS.text(key)),
            ..Typed::default()
        };
        Ok(page(who, &slug, &typed))
    };
    let Ok(code) = form.text("code").parse::<GuestSecret>() else {
        return refused("procedures.invited.code_shape");
    };
    let busy =
        || Reply::too_many("procedures.invited_busy").link(urls::invited(&slug)).retry_after(60);
    let counted = guesses::count(&site, &caller, "invited-minute").await?.ok_or_else(busy)?;
    let key = invitations::key_of_code(&site.vault, &entry.procedure().id, &code);
    let (id, now) = (entry.procedure().id.as_str().to_owned(), site.micros());
    let shown = Shown { key: Some(key), ..Shown::default() };
    let found = site.store.read(move |db| invitations::standing(db, &id, &shown, now)).await?;
    let Some(invitation) = found else { return refused("procedures.invited.wrong") };
    let (session, cookie) = session_or_guest(&site, &caller).await?;
    let by = caller.by_nobody();
    site.store
        .write(move |tx| {
            counted.iter().try_for_each(|subject| tries::give_back(tx, subject))?;
            invitations::opened(tx, &by, &session.id_hash, &invitation)
        })
        .await?;
    let mut answer = see_other(urls::procedure(&slug));
    if let Some(cookie) = cookie {
        cookie.set_on(&mut answer);
    }
    Ok(answer)
}

/// Writes to an address; the answer is the same whether it was invited or not.
pub(crate) async fn by_address(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let entry = entry_of(&site, &slug)?;
    let Some(email) = addresses::read(form.text("email")) else {
        let typed = Typed {
            email: form.text("email"),
            email_error: Some(TEXTS.text("identity.email_wrong")),
            ..Typed::default()
        };
        return Ok(page((&site, &caller, &visitor), &slug, &typed));
    };
    let index = site.vault.index("email", &addresses::key(&email));
    let invited = by_proof(&site, entry.procedure(), &email, None).await?.is_some();
    let minutes = site.limits.link_hours * 60;
    let (token, row) = make(&site, Purpose::Invited, None, minutes, &Proven::of(&email, &slug));
    let template = if invited { Template::Invited } else { Template::NotInvited };
    let letter = Letter::new(email, template)
        .in_language(reader::lang())
        .with("link", format!("{}/invited/{token}", site.city.base_url));
    register::send(&site, "invited", index, row, letter).await?;
    register::sent_page(&site, &caller, TEXTS.text("procedures.invited.mail_title"))
}

fn link_over() -> Reply {
    Reply::gone("identity.link_over").link(urls::PROCEDURES)
}

/// Asks once more, so that a mail program that follows links uses nothing up.
pub(crate) async fn proven_get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
) -> PageResult {
    let proven = look::<Proven>(&site, Purpose::Invited, &token).await?.ok_or_else(link_over)?;
    let page = ProvenPage {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("procedures.invited.by_address")),
        email: proven.email,
        action: format!("/invited/{token}"),
    };
    Ok(Html(page).into_response())
}

/// The visitor is known by the address from now on; the invitation for it opens the procedure.
pub(crate) async fn proven_post(
    caller: Caller,
    State(site): State<Site>,
    Path(token): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let proven = look::<Proven>(&site, Purpose::Invited, &token).await?.ok_or_else(link_over)?;
    let index = site.vault.index("email", &addresses::key(&proven.email));
    let candidate = site.new_id();
    let sealed = site.vault.seal(places::guest_email(&candidate), proven.email.as_bytes());
    let fresh = fresh_session(&site, Owner::Guest(candidate.clone()));
    let (spent, by, mut new) = (token_hash(&token), caller.by(), fresh.session);
    let old = caller.session_hash().map(<[u8]>::to_vec);
    let opened = site
        .store
        .write(move |tx| {
            if !tokens::spend(tx, &spent, Purpose::Invited, by.at)? {
                return Ok(false);
            }
            let email = Some((index, sealed));
            let guest = guests::NewGuest { id: candidate, email, at: by.at };
            new.owner = Owner::Guest(guests::admit(tx, &guest)?);
            let by = By { actor: new.owner.name(), ..by };
            sessions::open(tx, &by, &new, old.as_deref(), None)?;
            Ok(true)
        })
        .await?;
    if !opened {
        return Err(link_over().into());
    }
    let mut answer = see_other(urls::procedure(&proven.next));
    fresh.cookie.set_on(&mut answer);
    Ok(answer)
}
