//! Log-in with id and password (NF-21, IK-3.5.2b).

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::identity::{Attempts, Role, canonical_password};
use http::StatusCode;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::sessions::{NewSession, Stage};
use lgwan_zone_store::identity::sign_in;
use lgwan_zone_store::identity::staff::{self, Staff};
use platform_service::ids;
use platform_store::time;
use platform_web::cookies::{self, Cookie};
use platform_web::passwords::Verdict;
use platform_web::{CsrfForm, FormData, Html, PageResult, Peer, Trouble, Visitor, see_other};

use crate::frame::{Fault, Frame};
use crate::guard::{SESSION_COOKIE, limits, sha256, waiting_at};
use crate::site::Site;

#[derive(Template)]
#[template(path = "identity/login.html")]
struct LoginPage {
    frame: Frame,
    faults: Vec<Fault>,
    login_id: String,
}

/// Shows the form.
pub async fn get(State(site): State<Site>, visitor: Visitor) -> PageResult {
    Ok(page(&site, &visitor, "", Vec::new()).into_response())
}

/// Checks id and password. Every refusal looks the same and costs the same
/// time, so that nobody learns which accounts exist (A3).
pub async fn post(
    State(site): State<Site>,
    visitor: Visitor,
    Peer(peer): Peer,
    headers: http::HeaderMap,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let typed = Typed::of(&form);
    let login_id = typed.login_id.clone();
    let person = site.store.read(move |db| staff::by_login(db, &login_id)).await?;
    let by = By::visitor(peer.to_string(), site.clock.now());
    // Not from here is like not at all, so that nobody learns from elsewhere which password is right.
    let here = |person: &Staff| {
        Role::parse(&person.role).is_some_and(|role| site.settings.networks.allow(role, peer))
    };
    let person = person.filter(|person| person.disabled_at.is_none() && here(person));
    if let Some(person) = &person
        && let Err(wait) = attempts(person).may_try(by.at)
    {
        let id = person.id.clone();
        site.store.write(move |tx| sign_in::failed(tx, &by, Some(&id), "too early", 0)).await?;
        tracing::info!(until = %wait.until, "a log-in came too early after failures");
        return Err(again(&site, &visitor, &typed.login_id));
    }
    let stored = person
        .as_ref()
        // An account that was given no password yet is like no account at all.
        .filter(|person| !person.password_hash.is_empty())
        .map(|person| person.password_hash.clone());
    let verdict = site.passwords.verify(canonical_password(&typed.password), stored).await?;
    match (person, verdict) {
        (Some(person), Verdict::Right { .. }) => enter(&site, by, person, &headers).await,
        (person, Verdict::Wrong | Verdict::Right { .. }) => {
            let failures = person.as_ref().map_or(0, |one| attempts(one).failed(by.at).failures);
            let id = person.map(|person| person.id);
            let failures = i32::try_from(failures).unwrap_or(i32::MAX);
            site.store
                .write(move |tx| {
                    sign_in::failed(tx, &by, id.as_deref(), "wrong password", failures)
                })
                .await?;
            Err(again(&site, &visitor, &typed.login_id))
        }
    }
}

struct Typed {
    login_id: String,
    password: String,
}

impl Typed {
    fn of(form: &FormData) -> Self {
        let login_id: String = form.text("login_id").trim().chars().take(100).collect();
        let password: String = form.text("password").chars().take(512).collect();
        Self { login_id, password }
    }
}

fn page(
    site: &Site,
    visitor: &Visitor,
    login_id: &str,
    faults: Vec<Fault>,
) -> (StatusCode, Html<LoginPage>) {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::plain(site, visitor);
    (status, Html(LoginPage { frame, faults, login_id: login_id.to_owned() }))
}

fn again(site: &Site, visitor: &Visitor, login_id: &str) -> Trouble {
    let faults = vec![Fault::of("login_id", "identity.fault.login")];
    page(site, visitor, login_id, faults).into_response().into()
}

/// Failed attempts of an account.
pub(super) fn attempts(person: &Staff) -> Attempts {
    Attempts {
        failures: u32::try_from(person.failures).unwrap_or(0),
        last: (person.last_failure_at > 0).then(|| time::from_micros(person.last_failure_at)),
    }
}

/// The step a log-in waits at after the password was right.
fn next_stage(role: Role, person: &Staff) -> Stage {
    if person.totp_secret.is_some() { Stage::Code } else { after_code(role, person) }
}

/// The step after the code, or when no code is asked for.
pub(super) fn after_code(role: Role, person: &Staff) -> Stage {
    if role.needs_second_factor() && person.totp_secret.is_none() {
        Stage::Enrol
    } else if person.must_change_password {
        Stage::Password
    } else {
        Stage::Open
    }
}

async fn enter(site: &Site, by: By, person: Staff, headers: &http::HeaderMap) -> PageResult {
    let Some(role) = Role::parse(&person.role) else {
        return Err(platform_web::Fault::because("an account with an unknown role").into());
    };
    let stage = next_stage(role, &person);
    let old = cookies::read(headers, SESSION_COOKIE).map(|cookie| sha256(cookie.as_bytes()));
    open(site, by, &person.id, role, stage, old).await
}

/// Opens a session of this stage under a new id (A8) and leads on.
pub(super) async fn open(
    site: &Site,
    by: By,
    staff_id: &str,
    role: Role,
    stage: Stage,
    replacing: Option<String>,
) -> PageResult {
    let token = ids::token();
    let session = NewSession {
        id_hash: sha256(token.as_bytes()),
        staff_id: staff_id.to_owned(),
        stage,
        ends_at: by.at.saturating_add(limits(role).1).unwrap_or(by.at).as_microsecond(),
    };
    let by = By { staff: staff_id.to_owned(), session: session.id_hash.clone(), ..by };
    let whole = stage == Stage::Open;
    site.store
        .write(move |tx| sign_in::passed(tx, &by, &session, replacing.as_deref(), whole))
        .await?;
    let mut answer: Response = see_other(waiting_at(stage));
    Cookie::new(SESSION_COOKIE, token).strict().set_on(&mut answer);
    Ok(answer)
}
