//! Log-in with id and password (NF-21, IK-3.5.2b).

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::identity::{Attempts, Role, canonical_password};
use http::StatusCode;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::sessions::{Entered, Entrance, NewSession, Stage};
use lgwan_zone_store::identity::sign_in;
use lgwan_zone_store::identity::staff::{self, Staff};
use platform_service::ids;
use platform_store::time;
use platform_web::cookies::{self, Cookie};
use platform_web::passwords::Verdict;
use platform_web::{
    CsrfForm, FormData, Html, PageResult, Peer, QueryData, Trouble, Visitor, see_other,
};

use super::sso;
use crate::frame::{Fault, Frame};
use crate::guard::{SESSION_COOKIE, Who, limits, sha256, waiting_at};
use crate::site::Site;
use crate::words::in_query;

#[derive(Template)]
#[template(path = "identity/login.html")]
struct LoginPage {
    frame: Frame,
    faults: Vec<Fault>,
    login_id: String,
    to: String,
    sso: Option<SsoLink>,
}

/// The way to the city's identity provider.
struct SsoLink {
    href: String,
    /// Whether few may still use a password.
    only: bool,
}

/// Shows the form.
pub async fn get(
    State(site): State<Site>,
    visitor: Visitor,
    QueryData(query): QueryData,
) -> PageResult {
    let typed = Typed { goal: sso::goal(&query), ..Typed::default() };
    Ok(page(&site, &visitor, &typed, Vec::new()).into_response())
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
    let sso = site.settings.single_sign_on.as_ref();
    if let Some(person) = &person
        && sso.is_some_and(|sso| !sso.lets_type(&person.login_id))
    {
        let id = person.id.clone();
        let why = "not by password";
        site.store.write(move |tx| sign_in::failed(tx, &by, Some(&id), why, 0)).await?;
        return Err(again(&site, &visitor, &typed));
    }
    if let Some(person) = &person
        && let Err(wait) = from_here(&site, person, &by).await?.may_try(by.at)
    {
        let id = person.id.clone();
        site.store.write(move |tx| sign_in::failed(tx, &by, Some(&id), "too early", 0)).await?;
        tracing::info!(until = %wait.until, "a log-in came too early after failures");
        return Err(again(&site, &visitor, &typed));
    }
    let stored = person
        .as_ref()
        // An account that was given no password yet is like no account at all.
        .filter(|person| !person.password_hash.is_empty())
        .map(|person| person.password_hash.clone());
    let verdict = site.passwords.verify(canonical_password(&typed.password), stored).await?;
    match (person, verdict) {
        (Some(person), Verdict::Right { .. }) => {
            let few = sso.is_some_and(|sso| sso.passwords.is_some());
            let way = if few { Entered::BreakGlass } else { Entered::Password };
            let entrance = Entrance { by: way, goal: typed.goal };
            let proof = Proof { entrance, proven: false, until: None };
            enter(&site, by, person, &headers, proof).await
        }
        (person, Verdict::Wrong | Verdict::Right { .. }) => {
            site.store
                .write(move |tx| match person {
                    Some(person) => sign_in::mistyped(tx, &by, &person.id),
                    None => sign_in::failed(tx, &by, None, "wrong password", 0),
                })
                .await?;
            Err(again(&site, &visitor, &typed))
        }
    }
}

#[derive(Default)]
struct Typed {
    login_id: String,
    password: String,
    /// The page the person wanted to see.
    goal: String,
}

impl Typed {
    fn of(form: &FormData) -> Self {
        let login_id: String = form.text("login_id").trim().chars().take(100).collect();
        let password: String = form.text("password").chars().take(512).collect();
        Self { login_id, password, goal: sso::goal(form) }
    }
}

fn page(
    site: &Site,
    visitor: &Visitor,
    typed: &Typed,
    faults: Vec<Fault>,
) -> (StatusCode, Html<LoginPage>) {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::plain(site, visitor);
    let (login_id, to) = (typed.login_id.clone(), typed.goal.clone());
    let sso = site.settings.single_sign_on.as_ref().map(|sso| SsoLink {
        href: match to.as_str() {
            "" => sso::ANSWERS.to_owned(),
            to => format!("{}?to={}", sso::ANSWERS, in_query(to)),
        },
        only: sso.passwords.is_some(),
    });
    (status, Html(LoginPage { frame, faults, login_id, to, sso }))
}

fn again(site: &Site, visitor: &Visitor, typed: &Typed) -> Trouble {
    let faults = vec![Fault::of("login_id", "identity.fault.login")];
    page(site, visitor, typed, faults).into_response().into()
}

/// Wrong passwords of an account from where this one comes.
async fn from_here(site: &Site, person: &Staff, by: &By) -> Result<Attempts, Trouble> {
    let (id, address) = (person.id.clone(), by.ip.clone());
    let (failures, last) =
        site.store.read(move |db| sign_in::failures_from(db, &id, &address)).await?;
    Ok(counted(failures, last))
}

fn counted(failures: i32, last: i64) -> Attempts {
    Attempts {
        failures: u32::try_from(failures).unwrap_or(0),
        last: (last > 0).then(|| time::from_micros(last)),
    }
}

/// Failed attempts of a person at the steps behind the password.
pub(super) fn attempts(person: &Staff) -> Attempts {
    counted(person.failures, person.last_failure_at)
}

/// What somebody proved at the first step of a log-in.
pub(super) struct Proof {
    pub(super) entrance: Entrance,
    /// Whether a second factor was proven with it, elsewhere.
    pub(super) proven: bool,
    /// When the session has to end at the latest, microseconds.
    pub(super) until: Option<i64>,
}

/// The step a log-in waits at after the first one.
fn next_stage(role: Role, person: &Staff, proof: &Proof) -> Stage {
    if proof.proven {
        Stage::Open
    } else if person.totp_secret.is_some() {
        Stage::Code
    } else {
        after_code(role, person, &proof.entrance)
    }
}

/// The step after the code, or when no code is asked for. Who did not use the password here need not
/// change it.
pub(super) fn after_code(role: Role, person: &Staff, entrance: &Entrance) -> Stage {
    if role.needs_second_factor() && person.totp_secret.is_none() {
        Stage::Enrol
    } else if person.must_change_password && entrance.by != Entered::SingleSignOn {
        Stage::Password
    } else {
        Stage::Open
    }
}

/// Goes on from the first step, whichever it was: the one place where a log-in begins.
pub(super) async fn enter(
    site: &Site,
    by: By,
    person: Staff,
    headers: &http::HeaderMap,
    proof: Proof,
) -> PageResult {
    let Some(role) = Role::parse(&person.role) else {
        return Err(platform_web::Fault::because("an account with an unknown role").into());
    };
    let old = cookies::read(headers, SESSION_COOKIE).map(|cookie| sha256(cookie.as_bytes()));
    let ends_at = by.at.saturating_add(limits(role).1).unwrap_or(by.at).as_microsecond();
    let next = Next {
        stage: next_stage(role, &person, &proof),
        ends_at: proof.until.map_or(ends_at, |until| until.min(ends_at)),
        entrance: proof.entrance,
        replacing: old,
    };
    open(site, by, &person.id, next).await
}

/// The session of the next step.
struct Next {
    stage: Stage,
    ends_at: i64,
    entrance: Entrance,
    replacing: Option<String>,
}

/// Goes on from a later step of a log-in.
pub(super) async fn go_on(site: &Site, by: By, who: &Who, stage: Stage) -> PageResult {
    let next = Next {
        stage,
        ends_at: who.ends_at,
        entrance: who.entrance.clone(),
        replacing: Some(who.session.clone()),
    };
    open(site, by, &who.id, next).await
}

/// Opens a session under a new id (A8) and leads on.
async fn open(site: &Site, by: By, staff_id: &str, next: Next) -> PageResult {
    let Next { stage, ends_at, entrance, replacing } = next;
    let token = ids::token();
    let onward = match entrance.goal.as_str() {
        goal if stage == Stage::Open && !goal.is_empty() => goal.to_owned(),
        _ => waiting_at(stage).to_owned(),
    };
    let session = NewSession {
        id_hash: sha256(token.as_bytes()),
        staff_id: staff_id.to_owned(),
        stage,
        ends_at,
        entrance,
    };
    let by = By { staff: staff_id.to_owned(), session: session.id_hash.clone(), ..by };
    let whole = stage == Stage::Open;
    site.store
        .write(move |tx| sign_in::passed(tx, &by, &session, replacing.as_deref(), whole))
        .await?;
    let mut answer: Response = see_other(onward);
    Cookie::new(SESSION_COOKIE, token).strict().set_on(&mut answer);
    Ok(answer)
}
