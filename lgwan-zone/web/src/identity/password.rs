//! Changing the own password (IK-3.5.2b).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{PasswordFault, PasswordKind, canonical_password, check_password};
use http::StatusCode;
use lgwan_zone_store::identity::sessions::Stage;
use lgwan_zone_store::identity::sign_in::{self, Attempted};
use lgwan_zone_store::identity::staff;
use platform_web::passwords::Verdict;
use platform_web::{CsrfForm, FormData, Html, PageResult, Trouble, Visitor, see_other};

use super::login;
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// Shortest password of staff, shown as a hint; the rule itself is the domain's.
const HINT_MIN: usize = 12;

#[derive(Template)]
#[template(path = "identity/password.html")]
struct PasswordPage {
    frame: Frame,
    faults: Vec<Fault>,
    required: bool,
    min: usize,
}

/// Shows the form.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    Ok(Html(page(&site, &who, &visitor, Vec::new())).into_response())
}

/// Changes the password. The other sessions of the person end.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let id = who.id.clone();
    let person = site.store.read(move |db| staff::find(db, &id)).await?;
    let person = person.ok_or_else(|| platform_web::Fault::because("the account is gone"))?;
    let by = who.by(&site);
    let current = canonical_password(form.text("current"));
    let verdict = site.passwords.verify(current, Some(person.password_hash.clone())).await?;
    let (right, from, id) = (verdict != Verdict::Wrong, by.clone(), person.id.clone());
    let came = site
        .store
        .write(move |tx| sign_in::step(tx, &from, (&id, "wrong password"), |_| Ok(right)));
    let key = match came.await? {
        Attempted::Right => None,
        Attempted::TooEarly => Some("identity.fault.too_early"),
        Attempted::Wrong => Some("identity.fault.current"),
    };
    if let Some(key) = key {
        return Err(refused(&site, &who, &visitor, vec![Fault::of("current", key)]));
    }
    let faults = faults_of(&form, &[&person.login_id, &person.display_name, &site.settings.city]);
    if !faults.is_empty() {
        return Err(refused(&site, &who, &visitor, faults));
    }
    let hash = site.passwords.hash(canonical_password(form.text("new"))).await?;
    let changing = by.clone();
    site.store.write(move |tx| sign_in::change_password(tx, &changing, &hash)).await?;
    if who.stage == Stage::Open {
        return Ok(see_other("/account?said=password"));
    }
    login::go_on(&site, by, &who, Stage::Open).await
}

fn faults_of(form: &FormData, context: &[&str]) -> Vec<Fault> {
    let new = form.text("new");
    let mut faults = Vec::new();
    if let Err(fault) = check_password(&canonical_password(new), PasswordKind::Staff, context) {
        faults.push(Fault::said("new", words(fault)));
    } else if new == form.text("current") {
        faults.push(Fault::of("new", "identity.fault.same"));
    }
    if new != form.text("again") {
        faults.push(Fault::of("again", "identity.fault.again"));
    }
    faults
}

fn words(fault: PasswordFault) -> String {
    match fault {
        PasswordFault::TooShort { min } => TEXTS.fill("identity.fault.short", &[("min", &min)]),
        PasswordFault::TooLong { max } => TEXTS.fill("identity.fault.long", &[("max", &max)]),
        PasswordFault::Common => TEXTS.text("identity.fault.common").to_owned(),
    }
}

fn page(site: &Site, who: &Who, visitor: &Visitor, faults: Vec<Fault>) -> PasswordPage {
    let required = who.stage != Stage::Open;
    let frame = if required {
        Frame::plain(site, visitor)
    } else {
        Frame::of(site, who, visitor, Place::Elsewhere)
    };
    PasswordPage { frame, faults, required, min: HINT_MIN }
}

fn refused(site: &Site, who: &Who, visitor: &Visitor, faults: Vec<Fault>) -> Trouble {
    let page = page(site, who, visitor, faults);
    (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into()
}
