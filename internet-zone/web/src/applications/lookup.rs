//! Looking an application up with number and secret. A wrong number and a wrong
//! secret get the same answer after the same work; tries are slowed down per
//! number, so that no number can be guessed from many addresses at once. What cannot
//! be right, whatever there is, is told at its field before anything is looked for.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::applications::{BadNumber, GuestSecret, ReceiptNumber};
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

/// What is wrong with what was typed.
#[derive(Default)]
struct Wrong {
    number: Option<&'static str>,
    secret: Option<&'static str>,
}

fn page(
    site: &Site,
    caller: &Caller,
    visitor: &Visitor,
    form: &FormData,
    wrong: &Wrong,
) -> Response {
    let number = Field::new("number", TEXTS.text("applications.lookup.number"))
        .required()
        .hint(TEXTS.text("applications.lookup.number_hint"))
        .value(form.text("number"))
        .width(20)
        .error(wrong.number);
    let secret = Field::new("secret", TEXTS.text("applications.lookup.secret"))
        .required()
        .hint(TEXTS.text("applications.lookup.secret_hint"))
        .value(form.text("secret"))
        .width(24)
        .error(wrong.secret);
    let problems: Vec<Problem> = [&number, &secret].into_iter().flat_map(Field::problems).collect();
    let bad = !problems.is_empty();
    let title = TEXTS.text("applications.lookup.title");
    let frame = Frame::form(site, caller, visitor, title).with_errors(bad);
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(Page { frame, number, secret, problems })).into_response()
}

/// Asks for number and secret.
pub(crate) async fn get(caller: Caller, visitor: Visitor, State(site): State<Site>) -> PageResult {
    Ok(page(&site, &caller, &visitor, &FormData::default(), &Wrong::default()))
}

/// Opens the application for this session.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (number, secret) = match typed(&form) {
        Ok(typed) => typed,
        Err(wrong) => return Ok(page(&site, &caller, &visitor, &form, &wrong)),
    };
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
        let wrong = Wrong { number: Some(TEXTS.text("applications.lookup.wrong")), secret: None };
        return Ok(page(&site, &caller, &visitor, &form, &wrong));
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

/// Reads what was typed. A slip of the finger in the number is told by its check digit alone.
fn typed(form: &FormData) -> Result<(ReceiptNumber, GuestSecret), Wrong> {
    let number = form.text("number").parse::<ReceiptNumber>();
    let secret = form.text("secret").parse::<GuestSecret>();
    let wrong = Wrong {
        number: number.err().map(|bad| match bad {
            BadNumber::Shape => TEXTS.text("applications.verify.number_shape"),
            BadNumber::CheckDigit => TEXTS.text("applications.verify.number_slip"),
        }),
        secret: secret.err().map(|_| TEXTS.text("applications.lookup.secret_shape")),
    };
    number.ok().zip(secret.ok()).ok_or(wrong)
}
