//! Going on, on an own device, with what was begun at a terminal.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use internet_zone_store::applications::drafts;
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::identity::{Owner, sessions};
use internet_zone_store::vault::token_hash;
use internet_zone_store::{By, terminals};
use platform_web::{CsrfForm, Html, PageResult, Reply, Visitor, see_other};

use super::hand_over::Handed;
use super::is_here;
use crate::caller::{Caller, fresh_session};
use crate::frame::Frame;
use crate::identity::tokens::look;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "terminals/take_over.html")]
struct Page<'a> {
    frame: Frame<'a>,
    action: String,
}

fn over() -> Reply {
    Reply::gone("terminals.code_over").link(urls::PROCEDURES)
}

/// A terminal is nobody's own device.
fn own_device() -> Result<(), Reply> {
    if is_here() { Err(Reply::conflict("terminals.own_device").link(urls::HOME)) } else { Ok(()) }
}

/// Asks once more, so that a program that follows links uses nothing up.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(code): Path<String>,
) -> PageResult {
    own_device()?;
    look::<Handed>(&site, Purpose::HandOver, &code).await?.ok_or_else(over)?;
    let page = Page {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("terminals.take_over.title")),
        action: format!("/handover/{code}"),
    };
    Ok(Html(page).into_response())
}

/// Takes it along: of two devices one gets it, and the terminal has it no more.
pub(crate) async fn post(
    caller: Caller,
    State(site): State<Site>,
    Path(code): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    own_device()?;
    let handed = look::<Handed>(&site, Purpose::HandOver, &code).await?.ok_or_else(over)?;
    let owner = Owner::Guest(handed.guest.clone());
    let by = By { actor: owner.name(), ..caller.by() };
    let fresh = fresh_session(&site, owner);
    let (new, hash) = (fresh.session, token_hash(&code));
    let (id, before) = (handed.draft.clone(), caller.session);
    let taken = site
        .store
        .write(move |tx| {
            if drafts::find(tx.db, &handed.draft, by.at)?.is_none()
                || !tokens::spend(tx, &hash, Purpose::HandOver, by.at)?
            {
                return Ok(false);
            }
            if let Some(session) = before {
                sessions::close(tx, &by, &session)?;
            }
            let what = (handed.draft.as_str(), handed.guest.as_str());
            terminals::hand_over(tx, &by, what, &new, handed.session.as_deref())?;
            Ok(true)
        })
        .await?;
    if !taken {
        return Err(over().into());
    }
    let mut answer = see_other(urls::draft(&id));
    fresh.cookie.set_on(&mut answer);
    Ok(answer)
}
