//! Back to the very field after the session ended: by signing in, or by a link
//! to the address a guest proved. What was typed comes along (NF-60).

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::identity::tokens::Purpose;
use internet_zone_store::identity::{Owner, guests};
use platform_web::{CsrfForm, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::access::not_here;
use super::clash;
use super::filled::Button;
use super::left::{self, Left};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::identity::tokens::Proven;
use crate::identity::{address, login, register};
use crate::letters::{Letter, Template};
use crate::places;
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/comeback.html")]
struct Page<'a> {
    frame: Frame<'a>,
    action: String,
    input: &'static str,
    left: Option<String>,
    /// So many mails went out that another one must wait.
    many: bool,
}

/// The draft, whoever asks: only what its owner must do is told.
async fn draft(site: &Site, id: &str) -> Result<Option<Draft>, Trouble> {
    let (id, now) = (id.to_owned(), site.micros());
    Ok(site.store.read(move |db| drafts::find(db, &id, now)).await?.map(|(draft, _)| draft))
}

/// The address a guest proved.
async fn address_of(site: &Site, draft: &Draft) -> Result<Option<String>, Trouble> {
    let Owner::Guest(guest) = draft.owner.clone() else { return Ok(None) };
    let wanted = guest.clone();
    let sealed = site.store.read(move |db| guests::email(db, &wanted)).await?;
    let place = places::guest_email(&guest);
    Ok(sealed.and_then(|sealed| site.vault.open_text(place, &sealed).ok()))
}

/// Nobody knows any more who began it: there is no address to ask.
fn over(site: &Site) -> Reply {
    Reply::gone("applications.comeback_over")
        .with("minutes", site.limits.idle_minutes)
        .link(urls::PROCEDURES)
}

/// Asks who typed this; `gone` when there is no such draft.
pub(super) async fn ask(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    left: Left,
    button: &Button,
    gone: Trouble,
) -> PageResult {
    if matches!(button, Button::Keep) {
        return Ok(clash::ended());
    }
    let Some(draft) = draft(site, &left.draft).await? else { return Err(gone) };
    match draft.owner {
        Owner::Account(_) => {
            let sealed = left.sealed(&site.vault);
            login::ask_again((site, caller, visitor), left.address(), sealed)
        }
        Owner::Guest(_) => {
            page((site, caller, visitor), &draft, left.sealed(&site.vault), false).await
        }
    }
}

/// The same where signing in is the only way back.
pub(super) async fn ask_account(
    who: (&Site, &Caller, &Visitor),
    left: Left,
    button: &Button,
    gone: Trouble,
) -> PageResult {
    let found = draft(who.0, &left.draft).await?;
    if found.is_some_and(|draft| draft.owner.account().is_some()) {
        return ask(who, left, button, gone).await;
    }
    Err(gone)
}

async fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    draft: &Draft,
    left: Option<String>,
    many: bool,
) -> PageResult {
    if address_of(site, draft).await?.is_none() {
        return Err(over(site).into());
    }
    let page = Page {
        frame: Frame::form(site, caller, visitor, TEXTS.text("applications.comeback.title")),
        action: urls::comeback(&draft.id),
        input: left::INPUT,
        left,
        many,
    };
    let status = if many { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
    let answer: Response = (status, Html(page)).into_response();
    Ok(answer)
}

/// Offers the link to a guest whose session ended.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    if caller.owner().is_some() {
        return Ok(see_other(urls::draft(&id)));
    }
    let draft = draft(&site, &id).await?.ok_or_else(not_here)?;
    if draft.owner.account().is_some() {
        return Ok(see_other(urls::login_then(&urls::draft(&id))));
    }
    page((&site, &caller, &visitor), &draft, None, false).await
}

/// Sends the link to the address that is known; nobody types one here.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let draft = draft(&site, &id).await?.ok_or_else(not_here)?;
    let email = address_of(&site, &draft).await?.ok_or_else(|| over(&site))?;
    let shown = site.shelf.shown();
    let entry = shown.by_id(&draft.procedure_id).ok_or_else(|| over(&site))?.told();
    let procedure = entry.procedure();
    let left = Left::open(&site.vault, form.text(left::INPUT)).filter(|left| left.draft == id);
    let index = site.vault.index("email", &address::key(&email));
    let proven = Proven { left, ..Proven::of(&email, &procedure.slug) };
    let minutes = site.limits.link_hours * 60;
    let (token, row) =
        crate::identity::tokens::make(&site, Purpose::GuestStart, None, minutes, &proven);
    let letter = Letter::new(email, Template::GuestStart)
        .in_language(reader::lang())
        .about(&entry.title)
        .with("link", format!("{}/guest/{token}", site.city.base_url));
    // Each form has its own limit: links to begin others hold no way back up. What cannot be sent now
    // stays on the page.
    if !register::send(&site, &format!("back:{id}"), index, row, letter).await? {
        let left = Some(form.text(left::INPUT).to_owned()).filter(|left| !left.is_empty());
        return page((&site, &caller, &visitor), &draft, left, true).await;
    }
    register::sent_page(&site, &caller, TEXTS.text("applications.comeback.sent"))
}
