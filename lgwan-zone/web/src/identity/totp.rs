//! Registering an authenticator app (IK-3.5.2b).
//!
//! The secret that is being registered is a function of the session, so nothing
//! is stored until the person proves with a code that the app has it.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use lgwan_zone_store::identity::sessions::Stage;
use lgwan_zone_store::identity::{recovery as codes, sign_in, staff};
use platform_web::totp::Secret;
use platform_web::{CsrfForm, Html, PageResult, Trouble, Visitor, see_other};

use super::{login, recovery};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::letters::Changed;
use crate::site::Site;

#[derive(Template)]
#[template(path = "identity/enrol.html")]
struct EnrolPage {
    frame: Frame,
    faults: Vec<Fault>,
    required: bool,
    secret: String,
}

/// Shows the secret and its QR code.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    Ok(Html(page(&site, &who, &visitor, Vec::new())).into_response())
}

/// The QR code of the secret.
pub async fn qr(State(site): State<Site>, who: Who) -> PageResult {
    let uri = secret(&site, &who).uri(&site.settings.city, &who.login_id);
    let mut answer: Response = crate::procedures::qr::drawn(&uri)?;
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    debug_assert!(answer.headers().contains_key(CONTENT_TYPE));
    Ok(answer)
}

/// Registers the app when the code fits.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let by = who.by(&site);
    let secret = secret(&site, &who);
    let Some(step) = secret.check(form.text("code"), by.at, None) else {
        let faults = vec![Fault::of("code", "identity.fault.code")];
        let page = page(&site, &who, &visitor, faults);
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    };
    let sealed = site.vault.close(&who.id, &secret);
    let (id, enrolling, clock) = (who.id.clone(), by.clone(), site.clock.clone());
    let letter = recovery::letter(&site, &by, &who.id, Changed::App).await?;
    let person = site
        .store
        .write(move |tx| {
            sign_in::enrol(tx, &enrolling, &sealed, step)?;
            if let Some(letter) = &letter {
                codes::tell(tx, &clock, letter)?;
            }
            staff::find(tx.db, &id)
        })
        .await?;
    let person = person.ok_or_else(|| platform_web::Fault::because("the account is gone"))?;
    if who.stage == Stage::Open {
        return Ok(see_other("/account?said=enrolled"));
    }
    let stage = login::after_code(who.role, &person, &who.entrance);
    login::go_on(&site, by, &who, stage).await
}

fn page(site: &Site, who: &Who, visitor: &Visitor, faults: Vec<Fault>) -> EnrolPage {
    let required = who.stage != Stage::Open;
    let frame = if required {
        Frame::plain(site, visitor)
    } else {
        Frame::of(site, who, visitor, Place::Elsewhere)
    };
    EnrolPage { frame, faults, required, secret: secret(site, who).base32() }
}

fn secret(site: &Site, who: &Who) -> Secret {
    site.vault.draft(&who.session)
}
