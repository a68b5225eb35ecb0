//! Log-in with id and password (NF-21, IK-3.5.2b).

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::identity::roster::read_login_id;
use domain::identity::{Role, canonical_password};
use http::StatusCode;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::sessions::{Entered, Entrance, NewSession, Stage};
use lgwan_zone_store::identity::sign_in::{self, Attempted};
use lgwan_zone_store::identity::staff::{self, Staff};
use platform_service::ids;
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
/// time (one password is hashed, one transaction written), so that nobody learns
/// which accounts exist (A3).
pub async fn post(
    State(site): State<Site>,
    visitor: Visitor,
    Peer(peer): Peer,
    headers: http::HeaderMap,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let typed = Typed::of(&form);
    // As it is stored: capitals and full-width letters are the same account.
    let login_id = read_login_id(&typed.login_id).unwrap_or_default();
    let person = site.store.read(move |db| staff::by_login(db, &login_id)).await?;
    let by = By::visitor(peer.to_string(), site.clock.now());
    // Not from here is like not at all, so that nobody learns from elsewhere which password is right.
    let here = |person: &Staff| {
        Role::parse(&person.role).is_some_and(|role| site.settings.networks.allow(role, peer))
    };
    let person = person.filter(|person| person.disabled_at.is_none() && here(person));
    let sso = site.settings.single_sign_on.as_ref();
    let types = |person: &Staff| sso.is_none_or(|sso| sso.lets_type(&person.login_id));
    let known = person.as_ref().map(|person| (person.id.clone(), types(person)));
    let stored = person
        .as_ref()
        // An account that was given no password yet is like no account at all.
        .filter(|person| types(person) && !person.password_hash.is_empty())
        .map(|person| person.password_hash.clone());
    let verdict = site.passwords.verify(canonical_password(&typed.password), stored).await?;
    let (right, from) = (matches!(verdict, Verdict::Right { .. }), by.clone());
    let came = site.store.write(move |tx| match known {
        Some((id, true)) => sign_in::typed(tx, &from, &id, right),
        Some((id, false)) => {
            sign_in::refused(tx, &from, Some(&id), "not by password");
            Ok(Attempted::Wrong)
        }
        None => {
            sign_in::refused(tx, &from, None, "wrong password");
            Ok(Attempted::Wrong)
        }
    });
    match (person, came.await?) {
        (Some(person), Attempted::Right) => {
            let few = sso.is_some_and(|sso| sso.passwords.is_some());
            let way = if few { Entered::BreakGlass } else { Entered::Password };
            let entrance = Entrance { by: way, goal: typed.goal };
            let at = by.at.as_microsecond();
            let proof = Proof { entrance, proven: false, at, until: None };
            enter(&site, by, person, &headers, proof).await
        }
        _ => Err(again(&site, &visitor, &typed)),
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

/// What somebody proved at the first step of a log-in.
pub(super) struct Proof {
    pub(super) entrance: Entrance,
    /// Whether a second factor was proven with it, elsewhere.
    pub(super) proven: bool,
    /// When it was proved, microseconds; 0 when that is not known.
    pub(super) at: i64,
    /// When the session has to end at the latest, microseconds.
    pub(super) until: Option<i64>,
}

/// The step a log-in waits at after the first one; `None` for an account with an unknown role.
pub(super) fn next_stage(person: &Staff, proof: &Proof) -> Option<Stage> {
    let role = Role::parse(&person.role)?;
    Some(if proof.proven {
        Stage::Open
    } else if person.totp_secret.is_some() {
        Stage::Code
    } else {
        after_code(role, person, &proof.entrance)
    })
}

/// The step after the code, or when no code is asked for. Who did not use the password here need not
/// change it.
pub(super) fn after_code(role: Role, person: &Staff, entrance: &Entrance) -> Stage {
    let needs = role.needs_second_factor() || person.must_enrol;
    if needs && person.totp_secret.is_none() {
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
    let known = Role::parse(&person.role).zip(next_stage(&person, &proof));
    let Some((role, stage)) = known else {
        return Err(platform_web::Fault::because("an account with an unknown role").into());
    };
    let old = cookies::read(headers, SESSION_COOKIE).map(|cookie| sha256(cookie.as_bytes()));
    let ends_at = by.at.saturating_add(limits(role).1).unwrap_or(by.at).as_microsecond();
    let next = Next {
        stage,
        ends_at: proof.until.map_or(ends_at, |until| until.min(ends_at)),
        entrance: proof.entrance,
        proved_at: proof.at,
        replacing: old,
    };
    open(site, by, &person.id, next).await
}

/// The session of the next step.
struct Next {
    stage: Stage,
    ends_at: i64,
    entrance: Entrance,
    proved_at: i64,
    replacing: Option<String>,
}

/// Goes on from a later step of a log-in.
pub(super) async fn go_on(site: &Site, by: By, who: &Who, stage: Stage) -> PageResult {
    let next = Next {
        stage,
        ends_at: who.ends_at,
        entrance: who.entrance.clone(),
        proved_at: who.proved_at,
        replacing: Some(who.session.clone()),
    };
    open(site, by, &who.id, next).await
}

/// Opens a session under a new id (A8) and leads on.
async fn open(site: &Site, by: By, staff_id: &str, next: Next) -> PageResult {
    let Next { stage, ends_at, entrance, proved_at, replacing } = next;
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
        proved_at,
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
