//! The code of the authenticator app, or a recovery code in its place; each works once (A5).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::sign_in::{self, Attempted};
use lgwan_zone_store::identity::staff::Staff;
use lgwan_zone_store::identity::{recovery as codes, staff};
use lgwan_zone_store::letters::Letter;
use platform_web::{CsrfForm, Html, PageResult, Trouble, Visitor};

use super::{login, recovery};
use crate::frame::{Fault, Frame};
use crate::guard::Who;
use crate::letters;
use crate::site::Site;
use crate::words;

#[derive(Template)]
#[template(path = "identity/code.html")]
struct CodePage {
    frame: Frame,
    faults: Vec<Fault>,
    /// Whether a recovery code was tried.
    recovering: bool,
}

/// Shows the form.
pub async fn get(State(site): State<Site>, visitor: Visitor) -> PageResult {
    let (frame, faults) = (Frame::plain(&site, &visitor), Vec::new());
    Ok(Html(CodePage { frame, faults, recovering: false }).into_response())
}

/// Checks the code.
pub async fn post(
    State(site): State<Site>,
    visitor: Visitor,
    who: Who,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let id = who.id.clone();
    let person = site.store.read(move |db| staff::find(db, &id)).await?;
    let person = person.ok_or_else(|| platform_web::Fault::because("the account is gone"))?;
    let by = who.by(&site);
    let recovering = !form.text("recovery").is_empty();
    let field = if recovering { "recovery" } else { "code" };
    let came = if recovering {
        recovered(&site, &by, &person, form.text("recovery")).await?
    } else {
        proven(&site, &by, &person, form.text("code")).await?
    };
    let key = match came {
        Attempted::Right => None,
        Attempted::TooEarly => Some("identity.fault.too_early"),
        Attempted::Wrong if recovering => Some("identity.fault.recovery"),
        Attempted::Wrong => Some("identity.fault.code"),
    };
    if let Some(key) = key {
        return Err(again(&site, &visitor, (field, key)));
    }
    let stage = login::after_code(who.role, &person, &who.entrance);
    login::go_on(&site, by, &who, stage).await
}

/// Whether the app shows this code and it was not used before.
async fn proven(site: &Site, by: &By, person: &Staff, code: &str) -> Result<Attempted, Trouble> {
    let secret = person.totp_secret.as_ref().and_then(|text| site.vault.open(&person.id, text));
    let secret = secret.ok_or_else(|| platform_web::Fault::because("the secret does not open"))?;
    let shown = secret.check(code, by.at, Some(person.totp_last_step));
    let (id, by) = (person.id.clone(), by.clone());
    let came = site.store.write(move |tx| {
        sign_in::step(tx, &by, (&id, "wrong code"), |tx| match shown {
            Some(step) => sign_in::use_code(tx, &id, step),
            None => Ok(false),
        })
    });
    Ok(came.await?)
}

/// Whether this is a recovery code that was not used before. The person is told by mail.
async fn recovered(
    site: &Site,
    by: &By,
    person: &Staff,
    typed: &str,
) -> Result<Attempted, Trouble> {
    let hash = site.vault.recovery(&person.id, &recovery::plain(typed));
    let (id, email, by) = (person.id.clone(), person.email.clone(), by.clone());
    let (clock, mails) = (site.clock.clone(), site.settings.mails && !email.is_empty());
    let came = site.store.write(move |tx| {
        sign_in::step(tx, &by, (&id, "wrong recovery code"), |tx| {
            let Some(left) = codes::take(tx, &by, (&id, &hash))? else { return Ok(false) };
            if mails {
                let (subject, body) = letters::recovered(&words::minute(by.at), &by.ip, left);
                codes::tell(tx, &clock, &Letter { recipient: email, subject, body })?;
            }
            Ok(true)
        })
    });
    Ok(came.await?)
}

fn again(site: &Site, visitor: &Visitor, (field, key): (&str, &str)) -> Trouble {
    let faults = vec![Fault::of(field, key)];
    let recovering = field == "recovery";
    let page = CodePage { frame: Frame::plain(site, visitor), faults, recovering };
    (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into()
}
