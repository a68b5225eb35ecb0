//! Signing out.

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::HeaderValue;
use internet_zone_store::identity::sessions;
use platform_web::cookies::Cookie;
use platform_web::{CsrfForm, Html, PageResult, Visitor, see_other};

use crate::caller::{Caller, SESSION_COOKIE};
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "identity/logout.html")]
struct Page<'a> {
    frame: Frame<'a>,
}

/// Asks once: signing out by a link alone could be done by any page.
pub(crate) async fn get(caller: Caller, visitor: Visitor, State(site): State<Site>) -> PageResult {
    let frame = Frame::form(&site, &caller, &visitor, TEXTS.text("identity.logout.title"));
    Ok(Html(Page { frame }).into_response())
}

/// Ends the session and asks the browser to forget what it saw (W20).
pub(crate) async fn post(
    caller: Caller,
    State(site): State<Site>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    if let Some(session) = caller.session.clone() {
        let by = caller.by();
        site.store.write(move |tx| sessions::close(tx, &by, &session)).await?;
    }
    let mut answer = see_other(urls::HOME);
    Cookie::expired(SESSION_COOKIE).set_on(&mut answer);
    let forget = HeaderValue::from_static("\"cache\", \"storage\"");
    answer.headers_mut().insert("clear-site-data", forget);
    Ok(answer)
}
