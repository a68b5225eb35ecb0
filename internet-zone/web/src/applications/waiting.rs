//! An application that waits for seats: how many are before it, and leaving.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::Action;
use internet_zone_store::applications::waiting;
use platform_web::{CsrfForm, Html, PageResult, QueryData, Visitor, see_other};

use super::access;
use crate::caller::Caller;
use crate::frame::Frame;
use crate::places;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/waiting.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    secret: String,
    since: String,
    before: i64,
    /// Whether mails tell how it goes on.
    mailed: bool,
    action: String,
    may_leave: bool,
}

/// Shows it to whoever waits.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    if asked.has("left") {
        return Ok(left(&site, &caller));
    }
    let (found, before, entry, acting) =
        access::waits(&site, &caller, &id, Action::ReadApplication).await?;
    let secret = found.secret_sealed.as_ref();
    let secret = secret.and_then(|s| site.vault.open_text(places::secret(&id), s).ok());
    let page = Page {
        frame: Frame::form(&site, &caller, &visitor, TEXTS.text("applications.waiting.title"))
            .acting(acting.as_ref()),
        procedure: entry.procedure().title.ja(),
        number: &found.number,
        secret: secret.unwrap_or_default(),
        since: words::micros(found.since),
        before,
        mailed: found.mailed,
        action: urls::waiting(&id),
        may_leave: acting.is_none_or(|acting| acting.right.is_none()),
    };
    Ok(Html(page).into_response())
}

#[derive(askama::Template)]
#[template(path = "applications/waiting_left.html")]
struct Left<'a> {
    frame: Frame<'a>,
}

fn left(site: &Site, caller: &Caller) -> axum::response::Response {
    let title = TEXTS.text("applications.waiting.left");
    Html(Left { frame: Frame::plain(site, Some(caller), title) }).into_response()
}

/// Leaves the waiting list. Whose turn came meanwhile is led to the application.
pub(crate) async fn post(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    access::waits(&site, &caller, &id, Action::WithdrawApplication).await?;
    let (by, wanted) = (caller.by(), id.clone());
    let gone = site.store.write(move |tx| waiting::leave(tx, &by, &wanted)).await?;
    (site.wake)();
    Ok(see_other(if gone {
        format!("{}?left=1", urls::waiting(&id))
    } else {
        urls::application(&id)
    }))
}
