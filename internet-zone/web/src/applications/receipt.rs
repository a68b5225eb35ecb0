//! The receipt: number, time of arrival, what happens next.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::Action;
use platform_store::time;
use platform_web::{Html, PageResult};

use super::access;
use crate::caller::Caller;
use crate::frame::Frame;
use crate::markdown;
use crate::places;
use crate::procedures::words;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/receipt.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    number: &'a str,
    arrived: String,
    secret: String,
    after: String,
    mailed: bool,
    is_account: bool,
    application: String,
}

/// Shows the receipt to whoever sent the application.
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadApplication).await?;
    let application = &open.application;
    let secret = application.secret_sealed.as_ref();
    let secret = secret.and_then(|s| site.vault.open_text(places::secret(&id), s).ok());
    let is_account = application.owner.as_ref().is_some_and(|owner| owner.account().is_some());
    let page = Page {
        frame: Frame::plain(&site, Some(&caller), TEXTS.text("applications.receipt.title"))
            .acting(open.acting.as_ref()),
        procedure: open.entry.procedure().title.ja(),
        number: &application.number,
        arrived: words::exact_time(time::from_micros(application.arrived_at)),
        secret: secret.unwrap_or_default(),
        after: markdown::html(open.entry.procedure().after.ja()),
        mailed: is_account || application.contact_sealed.is_some(),
        is_account,
        application: urls::application(&id),
    };
    Ok(Html(page).into_response())
}
