//! Throwing unsent answers away, after a confirmation.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use internet_zone_store::applications::{cosigns, drafts};
use internet_zone_store::mail;
use platform_web::{CsrfForm, Html, PageResult, Visitor, see_other};

use super::{access, cosigning};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/discard.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    action: String,
    back: String,
}

/// Asks whether it is meant.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::draft(&site, &caller, &id).await?;
    let page = Page {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("applications.discard.title"))
            .acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        action: format!("{}/discard", urls::draft(&id)),
        back: urls::draft(&id),
    };
    Ok(Html(page).into_response())
}

/// Deletes the draft and its files; who was asked to agree to it is told.
pub(crate) async fn post(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let title = access::draft(&site, &caller, &id).await?.entry.title.clone();
    let (by, this) = (caller.by(), site.clone());
    let thrown = site.store.write(move |tx| {
        let told = cosigning::thrown_away(&this, &title, &cosigns::of_draft(tx.db, &id)?);
        if drafts::discard(tx, &by, &id)? {
            for letter in &told {
                mail::queue(tx, letter, by.at)?;
            }
        }
        Ok(())
    });
    thrown.await?;
    (site.wake)();
    Ok(see_other(if caller.account().is_some() { urls::MY_PAGE } else { urls::HOME }))
}
