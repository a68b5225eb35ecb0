//! The code of the authenticator app; each works once (A5).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use lgwan_zone_store::identity::{sign_in, staff};
use platform_web::{CsrfForm, Html, PageResult, Trouble, Visitor};

use super::login;
use crate::frame::{Fault, Frame};
use crate::guard::Who;
use crate::site::Site;

#[derive(Template)]
#[template(path = "identity/code.html")]
struct CodePage {
    frame: Frame,
    faults: Vec<Fault>,
}

/// Shows the form.
pub async fn get(State(site): State<Site>, visitor: Visitor) -> PageResult {
    Ok(Html(CodePage { frame: Frame::plain(&site, &visitor), faults: Vec::new() }).into_response())
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
    if login::attempts(&person).may_try(by.at).is_err() {
        return Err(again(&site, &visitor, "identity.fault.too_early"));
    }
    let secret = person.totp_secret.as_ref().and_then(|text| site.vault.open(&person.id, text));
    let secret = secret.ok_or_else(|| platform_web::Fault::because("the secret does not open"))?;
    let step = secret.check(form.text("code"), by.at, Some(person.totp_last_step));
    let used = match step {
        None => false,
        Some(step) => {
            let id = person.id.clone();
            site.store.write(move |tx| sign_in::use_code(tx, &id, step)).await?
        }
    };
    if !used {
        let failures = login::attempts(&person).failed(by.at).failures;
        let failures = i32::try_from(failures).unwrap_or(i32::MAX);
        let id = person.id.clone();
        site.store
            .write(move |tx| sign_in::failed(tx, &by, Some(&id), "wrong code", failures))
            .await?;
        return Err(again(&site, &visitor, "identity.fault.code"));
    }
    let stage = login::after_code(who.role, &person, &who.entrance);
    login::go_on(&site, by, &who, stage).await
}

fn again(site: &Site, visitor: &Visitor, key: &str) -> Trouble {
    let faults = vec![Fault::of("code", key)];
    let page = CodePage { frame: Frame::plain(site, visitor), faults };
    (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into()
}
