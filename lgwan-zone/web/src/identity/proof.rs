//! Who is logged in proves anew who they are before what is risky (A12, `docs/decisions/0108`): with
//! password and code, or at the identity provider.
//!
//! ```text
//!  GET  of something risky  ─► /account/proof?to=…  ─► back there
//!  POST of something risky  ─► the same address asks, with everything that was typed in hidden
//!                              fields; one press proves and carries it out
//! ```

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::IntoResponse as _;
use domain::identity::canonical_password;
use http::{Method, StatusCode};
use lgwan_zone_store::identity::sessions::{self, Entered};
use lgwan_zone_store::identity::sign_in::{self, Attempted};
use lgwan_zone_store::identity::staff::{self, Staff};
use platform_web::csrf::FIELD;
use platform_web::form::collect;
use platform_web::passwords::Verdict;
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::sso;
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words::in_query;

/// The page that asks.
pub const PAGE: &str = "/account/proof";
/// What every field of the proof begins with; the others are what was typed before.
const OURS: &str = "_proof";
const PASSWORD: &str = "_proof_password";
const CODE: &str = "_proof_code";
/// The button, and what a fault of a sign-in elsewhere leads to.
const GO: &str = "_proof_go";
/// Says in an address that a sign-in elsewhere proved nothing.
const UNPROVEN: &str = "unproven";
/// Bytes of the largest form that waits for a proof. None of them takes files.
const LARGEST: u64 = 1024 * 1024;

#[derive(Template)]
#[template(path = "identity/proof.html")]
struct ProofPage {
    frame: Frame,
    faults: Vec<Fault>,
    /// Where the form goes.
    action: String,
    /// What was typed before.
    kept: Vec<(String, String)>,
    /// Whether the form carries something out.
    acts: bool,
    /// Whether a code is asked for.
    totp: bool,
    /// The way to the identity provider, for who came in by it.
    sso: Option<String>,
    /// Whether there is nothing left to ask.
    done: bool,
}

impl ProofPage {
    /// Whether the fault belongs to this input.
    fn wrong(&self, field: &str) -> bool {
        self.faults.iter().any(|fault| fault.field == field)
    }
}

/// Whether a sign-in that leads to this address is a proof of who is logged in already.
pub(super) fn is_goal(goal: &str) -> bool {
    goal == PAGE || goal.strip_prefix(PAGE).is_some_and(|rest| rest.starts_with('?'))
}

/// The address of the page when the identity provider did not ask the person anew.
pub(super) fn unproven(goal: &str) -> String {
    let joint = if goal.contains('?') { '&' } else { '?' };
    format!("{goal}{joint}{UNPROVEN}=1")
}

/// Asks, or leads on when there is nothing to ask.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    QueryData(query): QueryData,
) -> PageResult {
    let to = sso::goal(&query);
    let done = who.is_fresh(site.clock.now());
    if done && !to.is_empty() {
        return Ok(see_other(to));
    }
    let person = own(&site, &who).await?;
    let unproven = !done && query.has(UNPROVEN);
    let faults = unproven.then(|| Fault::of(GO, "identity.fault.proof_unasked"));
    let faults = faults.into_iter().collect();
    let page = ProofPage { done, faults, ..leads(&site, &who, &visitor, &person, to) };
    Ok(Html(page).into_response())
}

/// Takes the proof and leads on.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let to = sso::goal(&form);
    let onward = if to.is_empty() { PAGE.to_owned() } else { to.clone() };
    if who.is_fresh(site.clock.now()) {
        return Ok(see_other(onward));
    }
    let person = own(&site, &who).await?;
    let Some(fault) = proven(&site, &who, &person, &form).await? else {
        return Ok(see_other(onward));
    };
    let page = ProofPage { faults: vec![fault], ..leads(&site, &who, &visitor, &person, to) };
    Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()))
}

/// Lets a request through that carries a proof; asks for one otherwise, and keeps what was typed.
///
/// # Errors
/// The page that asks, or the way to it.
pub(crate) async fn passes(site: &Site, who: &Who, request: Request) -> Result<Request, Trouble> {
    let (mut parts, body) = request.into_parts();
    let wanted = parts.uri.path_and_query().map_or("/", |one| one.as_str()).to_owned();
    if parts.method != Method::POST {
        return Err(see_other(format!("{PAGE}?to={}", in_query(&wanted))).into());
    }
    let visitor = Visitor::from_request_parts(&mut parts, &()).await?;
    let bytes = collect(body, LARGEST).await?;
    let form = FormData::parse(&bytes)?;
    if !visitor.proves(form.text(FIELD)) {
        return Err(Reply::forbidden("web.forged").into());
    }
    let person = own(site, who).await?;
    let (status, faults) = if form.has(OURS) {
        match proven(site, who, &person, &form).await? {
            None => return Ok(Request::from_parts(parts, Body::from(bytes))),
            Some(fault) => (StatusCode::UNPROCESSABLE_ENTITY, vec![fault]),
        }
    } else {
        (StatusCode::FORBIDDEN, Vec::new())
    };
    let typed = form.iter().filter(|(name, _)| *name != FIELD && !name.starts_with(OURS));
    let page = ProofPage {
        action: wanted,
        kept: typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        acts: true,
        faults,
        ..leads(site, who, &visitor, &person, String::new())
    };
    Err(Trouble::from((status, Html(page)).into_response()))
}

async fn own(site: &Site, who: &Who) -> Result<Staff, Trouble> {
    let id = who.id.clone();
    let person = site.store.read(move |db| staff::find(db, &id)).await?;
    person.ok_or_else(|| platform_web::Fault::because("the account is gone").into())
}

/// What is wrong with the proof; `None` when it is right, and kept with the session. It is counted like
/// every attempt of a log-in.
async fn proven(
    site: &Site,
    who: &Who,
    person: &Staff,
    form: &FormData,
) -> Result<Option<Fault>, Trouble> {
    if elsewhere(who) {
        return Ok(Some(Fault::of(GO, "identity.fault.proof_elsewhere")));
    }
    let by = who.by(site);
    let stored = Some(person.password_hash.clone()).filter(|hash| !hash.is_empty());
    let verdict = site.passwords.verify(canonical_password(form.text(PASSWORD)), stored).await?;
    let right = verdict != Verdict::Wrong;
    let shown = match &person.totp_secret {
        None => None,
        Some(text) => {
            let secret = site.vault.open(&person.id, text);
            let secret =
                secret.ok_or_else(|| platform_web::Fault::because("the secret does not open"))?;
            Some(secret.check(form.text(CODE), by.at, Some(person.totp_last_step)))
        }
    };
    let id = person.id.clone();
    let came = site.store.write(move |tx| {
        sign_in::step(tx, &by, (&id, "wrong proof"), |tx| {
            let fits = match shown {
                None => right,
                Some(None) => false,
                Some(Some(step)) => right && sign_in::use_code(tx, &id, step)?,
            };
            if fits {
                sessions::prove(tx, &by, by.at.as_microsecond())?;
            }
            Ok(fits)
        })
    });
    Ok(match came.await? {
        Attempted::Right => None,
        Attempted::TooEarly => Some(Fault::of(PASSWORD, "identity.fault.too_early")),
        Attempted::Wrong if person.totp_secret.is_some() => {
            Some(Fault::of(PASSWORD, "identity.fault.proof_code"))
        }
        Attempted::Wrong => Some(Fault::of(PASSWORD, "identity.fault.proof")),
    })
}

/// Whether the person has no password here.
fn elsewhere(who: &Who) -> bool {
    match who.entrance.by {
        Entered::SingleSignOn => true,
        Entered::Password | Entered::BreakGlass => false,
    }
}

/// The page that leads on to this address.
fn leads(site: &Site, who: &Who, visitor: &Visitor, person: &Staff, to: String) -> ProofPage {
    let back = match to.as_str() {
        "" => PAGE.to_owned(),
        to => format!("{PAGE}?to={}", in_query(to)),
    };
    let there = || format!("{}?to={}", sso::ANSWERS, in_query(&back));
    ProofPage {
        frame: Frame::of(site, who, visitor, Place::Elsewhere),
        faults: Vec::new(),
        action: PAGE.to_owned(),
        kept: if to.is_empty() { Vec::new() } else { vec![("to".to_owned(), to)] },
        acts: false,
        totp: person.totp_secret.is_some(),
        sso: elsewhere(who).then(there),
        done: false,
    }
}
