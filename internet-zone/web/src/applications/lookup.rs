//! Looking an application up with number and secret. A wrong number and a wrong
//! secret get the same answer after the same work; tries are slowed down per
//! number, so that no number can be guessed from many addresses at once.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::applications::{GuestSecret, ReceiptNumber};
use http::StatusCode;
use internet_zone_store::applications::{status, waiting};
use internet_zone_store::identity::{sessions, tries};
use platform_web::fields::{Field, Problem};
use platform_web::{CsrfForm, FormData, Html, PageResult, Visitor, see_other};

use super::submit::secret_value;
use crate::caller::{Caller, session_or_guest};
use crate::frame::Frame;
use crate::identity::login::charge;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/lookup.html")]
struct Page<'a> {
    frame: Frame<'a>,
    number: Field,
    secret: Field,
    problems: Vec<Problem>,
}

fn page(
    site: &Site,
    caller: &Caller,
    visitor: &Visitor,
    form: &FormData,
    error: Option<&str>,
) -> Response {
    let number = Field::new("number", TEXTS.text("applications.lookup.number"))
        .required()
        .hint(TEXTS.text("applications.lookup.number_hint"))
        .value(form.text("number"))
        .width(20)
        .error(error);
    let secret = Field::new("secret", TEXTS.text("applications.lookup.secret"))
        .required()
        .hint(TEXTS.text("applications.lookup.secret_hint"))
        .width(24);
    let problems = number.problems();
    let wrong = !problems.is_empty();
    let title = TEXTS.text("applications.lookup.title");
    let frame = Frame::form(site, caller, visitor, title).with_errors(wrong);
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(Page { frame, number, secret, problems })).into_response()
}

/// Asks for number and secret.
pub(crate) async fn get(caller: Caller, visitor: Visitor, State(site): State<Site>) -> PageResult {
    Ok(page(&site, &caller, &visitor, &FormData::default(), None))
}

/// Opens the application for this session.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let wrong =
        || Ok(page(&site, &caller, &visitor, &form, Some(TEXTS.text("applications.lookup.wrong"))));
    let number = form.text("number").parse::<ReceiptNumber>();
    let secret = form.text("secret").parse::<GuestSecret>();
    let (Ok(number), Ok(secret)) = (number, secret) else { return wrong() };
    let number = number.to_string();
    let by_number = site.vault.index("lookup", &number);
    charge(&site, &by_number).await?;
    let found = site.store.read(move |db| match status::secret_of(db, &number)? {
        Some(found) => Ok(Some(found)),
        None => waiting::secret_of(db, &number),
    });
    let found = found.await?;
    let (id, hash) = found.unwrap_or_default();
    let right =
        site.vault.matches("secret", &secret_value(&id, &secret), &hash.unwrap_or_default());
    if !right {
        return wrong();
    }
    let (session, cookie) = session_or_guest(&site, &caller).await?;
    let by = caller.by();
    let granted = id.clone();
    site.store
        .write(move |tx| {
            tries::forgive(tx, &by_number)?;
            sessions::grant(tx, &by, &session.id_hash, &granted)
        })
        .await?;
    let mut answer = see_other(urls::application(&id));
    if let Some(cookie) = cookie {
        cookie.set_on(&mut answer);
    }
    Ok(answer)
}
