//! A new password by mail. The answer is the same whether the address has an
//! account or not (A3, A6).

use axum::extract::{Path, State};
use internet_zone_store::identity::accounts;
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::mail;
use internet_zone_store::vault::token_hash;
use platform_web::{CsrfForm, PageResult, Reply, Visitor, see_other};

use super::form_page::{AddressPage, FormPage};
use super::register::{send, send_nothing, sent_as};
use super::tokens::ForAccount;
use super::{address, password};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::letters::{Letter, Template};
use crate::reader;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

fn first_page() -> AddressPage {
    AddressPage {
        title: TEXTS.text("identity.reset.title"),
        intro: TEXTS.text("identity.reset.intro"),
        action: urls::RESET,
        submit: TEXTS.text("identity.reset.send"),
        back: (urls::LOGIN, TEXTS.text("identity.reset.back")),
    }
}

/// Asks for the address.
pub(crate) async fn get(caller: Caller, visitor: Visitor, State(site): State<Site>) -> PageResult {
    Ok(first_page().shown((&site, &caller, &visitor)))
}

/// Sends the link when there is an account.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let email = first_page().read((&site, &caller, &visitor), &form)?;
    let index = site.vault.index("email", &address::key(&email));
    let looked = index.clone();
    let account = site.store.read(move |db| accounts::find_by_email(db, &looked)).await?;
    let base = &site.city.base_url;
    let (id, letter) = match account {
        Some(account) => (Some(account.id), Template::Reset),
        None => (None, Template::RegisterKnown),
    };
    let facts = ForAccount { account: id.clone().unwrap_or_default(), email: email.clone() };
    let minutes = site.limits.reset_minutes;
    let (token, row) = super::tokens::make(&site, Purpose::Reset, id.clone(), minutes, &facts);
    let link = format!("{base}{}/{token}", urls::RESET);
    let letter = Letter::new(email, letter).in_language(reader::lang()).with("link", link);
    if id.is_some() {
        send(&site, "reset", index, row, letter).await?;
    } else {
        send_nothing(&site, "reset", &facts.email).await?;
    }
    let what = TEXTS.fill("identity.sent.reset", &[("minutes", &minutes)]);
    sent_as(&site, &caller, TEXTS.text("identity.reset.title"), what)
}

fn link_over() -> Reply {
    Reply::gone("identity.link_over").link(urls::RESET)
}

fn second_page(
    site: &Site,
    caller: &Caller,
    visitor: &Visitor,
    token: &str,
    error: Option<&str>,
) -> PageResult {
    let page = FormPage {
        frame: Frame::form(site, caller, visitor, TEXTS.text("identity.reset.second_title")),
        intro: String::new(),
        done: String::new(),
        action: format!("{}/{token}", urls::RESET),
        hidden: Vec::new(),
        questions: vec![password::new_question(error)],
        submit: TEXTS.text("identity.reset.set"),
        links: Vec::new(),
    };
    Ok(page.answer())
}

/// Asks for the new password.
pub(crate) async fn confirm_get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
) -> PageResult {
    let good = super::tokens::look::<ForAccount>(&site, Purpose::Reset, &token).await?;
    good.ok_or_else(link_over)?;
    second_page(&site, &caller, &visitor, &token, None)
}

/// Sets the new password; every session of the account ends, the owner is told.
pub(crate) async fn confirm_post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let facts = super::tokens::look::<ForAccount>(&site, Purpose::Reset, &token).await?;
    let facts = facts.ok_or_else(link_over)?;
    if let Some(fault) = password::fault(form.text("password"), &[&facts.email]) {
        return second_page(&site, &caller, &visitor, &token, Some(&fault));
    }
    let hash = site.passwords.hash(password::canonical(form.text("password"))).await?;
    let letter = Letter::new(facts.email, Template::PasswordChanged)
        .in_language(reader::lang())
        .seal(&site.vault, site.new_id());
    let (by, spent) = (caller.by(), token_hash(&token));
    let done = site
        .store
        .write(move |tx| {
            if !tokens::spend(tx, &spent, Purpose::Reset, by.at)? {
                return Ok(false);
            }
            accounts::change_password(tx, &by, &facts.account, &hash, None)?;
            mail::queue(tx, &letter, by.at)?;
            Ok(true)
        })
        .await?;
    if !done {
        return Err(link_over().into());
    }
    (site.wake)();
    Ok(see_other(format!("{}?reset=1", urls::LOGIN)))
}
