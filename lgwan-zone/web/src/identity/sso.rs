//! Sign-in at the city's identity provider, 職員認証基盤 (IK-3.5.7a, `docs/decisions/0080`).
//!
//! ```text
//!  GET  /login/saml         keeps a request with a cookie of this browser ─► the IdP's page
//!  POST /login/saml         the IdP's page posts its answer: no cookies come with it, its signature is
//!                           the proof; the answer waits, our page leads on ─┐
//!  GET  /login/saml/enter   the browser that asked takes the answer  ◄──────┘ ─► a session, the page wanted
//! ```

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::identity::Role;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::sessions::{self, Entered, Entrance, Stage};
use lgwan_zone_store::identity::sso::{self, Answered, Request, Taken};
use lgwan_zone_store::identity::staff::{self, Staff};
use platform_saml::{Refused, ServiceProvider, Told};
use platform_service::ids;
use platform_web::cookies::{self, Cookie};
use platform_web::html::is_own_path;
use platform_web::{
    FormData, Html, OrFault as _, PageResult, Peer, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::login::{self, Proof};
use super::proof;
use crate::frame::Frame;
use crate::guard::{Who, holds, sha256};
use crate::site::Site;

/// Where answers are posted to, below the address of these pages.
pub const ANSWERS: &str = "/login/saml";
/// Where our metadata is; its address is our name.
pub const METADATA: &str = "/login/saml/metadata";
/// Bytes of the largest form with an answer.
pub const LARGEST: u64 = 512 * 1024;

/// Which browser asked.
const BROWSER_COOKIE: &str = "__Host-madoguchi-staff-saml";
/// How long somebody may take at the IdP.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// Longest address that is remembered.
const LONGEST_GOAL: usize = 1_000;

/// What the city decided about its identity provider.
#[derive(Debug)]
pub struct SingleSignOn {
    /// We, as it knows us.
    pub provider: ServiceProvider,
    /// What counts as a second factor when it was proven there (`AuthnContextClassRef`).
    pub second_factor: Vec<String>,
    /// Who may still use a password; everybody when nothing is said.
    pub passwords: Option<Vec<String>>,
}

impl SingleSignOn {
    /// Whether this account may log in with a password.
    #[must_use]
    pub fn lets_type(&self, login_id: &str) -> bool {
        self.passwords.as_ref().is_none_or(|few| few.iter().any(|one| one == login_id))
    }
}

/// Our page between the IdP's and the one that was wanted.
#[derive(Template)]
#[template(path = "identity/sso.html")]
struct OnwardPage {
    frame: Frame,
    onward: String,
}

/// The page somebody wanted to see, when it is one of ours; empty for the start.
pub(super) fn goal(form: &FormData) -> String {
    let to = form.text("to");
    let door = to.starts_with("/login") || to.starts_with("/logout");
    let fits = is_own_path(to) && to.len() <= LONGEST_GOAL && !door;
    if fits { to.to_owned() } else { String::new() }
}

/// Sends the browser to the IdP.
pub async fn begin(
    State(site): State<Site>,
    headers: HeaderMap,
    QueryData(query): QueryData,
) -> PageResult {
    let sso = offered(&site)?;
    let now = site.clock.now();
    // Two windows of one browser may wait at the same time.
    let browser = cookies::read(&headers, BROWSER_COOKIE).map_or_else(ids::token, plain);
    let request = Request {
        id: format!("_{}", ids::token()),
        browser: sha256(browser.as_bytes()),
        goal: goal(&query),
        ends_at: now.saturating_add(PATIENCE).unwrap_or(now).as_microsecond(),
    };
    let anew = proof::is_goal(&request.goal);
    let address = HeaderValue::from_str(&sso.provider.asks(&request.id, now, anew)).or_fault()?;
    site.store.write(move |tx| sso::ask(tx, now, &request)).await?;
    let mut answer: Response = (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response();
    let seconds = u32::try_from(PATIENCE.as_secs()).unwrap_or_default();
    Cookie::new(BROWSER_COOKIE, browser).strict().for_seconds(seconds).set_on(&mut answer);
    Ok(answer)
}

/// Takes the answer that the IdP's page posts.
pub async fn answer(
    State(site): State<Site>,
    visitor: Visitor,
    Peer(peer): Peer,
    form: FormData,
) -> PageResult {
    let sso = offered(&site)?;
    let by = By::visitor(peer.to_string(), site.clock.now());
    let told = match sso.provider.reads(form.text("SAMLResponse"), by.at) {
        Ok(told) => told,
        Err(why) => return Err(turned_away(&site, by, None, why.code().to_owned(), key(why)).await),
    };
    let Told { request, assertion, over_at, account, proof, authenticated, until } = told;
    let proven = sso.second_factor.contains(&proof);
    let onward = format!("/login/saml/enter?request={}", crate::words::in_query(&request));
    let kept = sso::Answer { request, assertion, over_at, account, proven, authenticated, until };
    let now = by.at;
    let why = match site.store.write(move |tx| sso::answer(tx, now, &kept)).await? {
        Answered::Kept => {
            let frame = Frame::plain(&site, &visitor);
            return Ok(Html(OnwardPage { frame, onward }).into_response());
        }
        Answered::Used => "saml_used",
        Answered::NotAsked => "saml_not_asked",
    };
    Err(turned_away(&site, by, None, why.to_owned(), "identity.sso_again").await)
}

/// Opens the session of the person the IdP signed in, in the browser that asked. Who is logged in
/// there already and was asked to prove who they are keeps the session, and the forms drawn in it,
/// unless the second factor is still to be shown here.
pub async fn enter(
    State(site): State<Site>,
    Peer(peer): Peer,
    headers: HeaderMap,
    who: Option<axum::Extension<Who>>,
    QueryData(query): QueryData,
) -> PageResult {
    offered(&site)?;
    let by = By::visitor(peer.to_string(), site.clock.now());
    let now = by.at;
    let request = query.text("request").to_owned();
    let browser = cookies::read(&headers, BROWSER_COOKIE).unwrap_or_default();
    let browser = sha256(browser.as_bytes());
    let taken = site.store.write(move |tx| sso::take(tx, now, &request, &browser)).await?;
    let Some(Taken { account, proven, authenticated, until, goal }) = taken else {
        return Err(Reply::forbidden("identity.sso_again").link("/login").into());
    };
    let login_id = account.clone();
    let person = site.store.read(move |db| staff::by_login(db, &login_id)).await?;
    let Some(person) = person else {
        let named = account.chars().map(|one| if one.is_ascii_graphic() { one } else { '?' });
        let why = format!("saml_unknown named={}", named.take(60).collect::<String>());
        return Err(turned_away(&site, by, None, why, "identity.sso_unknown").await);
    };
    if let Some((why, key)) = kept_out(&site, &person, peer) {
        return Err(turned_away(&site, by, Some(person.id), why.to_owned(), key).await);
    }
    let at = authenticated.map_or(0, |at| at.min(now.as_microsecond()));
    let entrance = Entrance { by: Entered::SingleSignOn, goal };
    let shown = Proof { entrance, proven, at, until };
    // What would not let in whole proves nothing: the second factor is asked for as at a log-in.
    let whole = login::next_stage(&person, &shown) == Some(Stage::Open);
    let same = who.filter(|who| who.stage == Stage::Open && who.id == person.id);
    let same = same.filter(|_| whole && proof::is_goal(&shown.entrance.goal));
    let mut answer = if let Some(axum::Extension(who)) = same {
        let goal = shown.entrance.goal;
        if holds(at, now) {
            let by = who.by(&site);
            site.store.write(move |tx| sessions::prove(tx, &by, at)).await?;
            see_other(goal)
        } else {
            // The IdP let the person through unasked.
            see_other(proof::unproven(&goal))
        }
    } else {
        login::enter(&site, by, person, &headers, shown).await?
    };
    Cookie::expired(BROWSER_COOKIE).strict().set_on(&mut answer);
    Ok(answer)
}

/// What an IdP is set up with.
pub async fn metadata(State(site): State<Site>) -> PageResult {
    let media = HeaderValue::from_static("application/samlmetadata+xml; charset=utf-8");
    Ok(([(CONTENT_TYPE, media)], offered(&site)?.provider.metadata()).into_response())
}

fn offered(site: &Site) -> Result<&Arc<SingleSignOn>, Trouble> {
    let sso = site.settings.single_sign_on.as_ref();
    sso.ok_or_else(|| Reply::not_found("web.not_found").into())
}

/// Why somebody whom the IdP knows does not get in: for the log, and in words.
fn kept_out(
    site: &Site,
    person: &Staff,
    peer: std::net::IpAddr,
) -> Option<(&'static str, &'static str)> {
    let here =
        Role::parse(&person.role).is_some_and(|role| site.settings.networks.allow(role, peer));
    if person.disabled_at.is_some() {
        Some(("stopped", "identity.sso_stopped"))
    } else if !here {
        Some(("from elsewhere", "identity.sso_elsewhere"))
    } else {
        None
    }
}

const fn key(why: Refused) -> &'static str {
    match why {
        Refused::Denied => "identity.sso_denied",
        Refused::OutOfTime => "identity.sso_late",
        Refused::NoAccount => "identity.sso_unknown",
        Refused::TooLarge
        | Refused::Unreadable
        | Refused::Shape
        | Refused::Unsigned
        | Refused::Algorithm
        | Refused::Signature
        | Refused::NotForUs => "identity.sso_wrong",
    }
}

/// Notes a refusal; gives the page that says it.
async fn turned_away(
    site: &Site,
    by: By,
    staff_id: Option<String>,
    why: String,
    key: &'static str,
) -> Trouble {
    let noted = site.store.write(move |tx| {
        sso::refused(tx, &by, staff_id.as_deref(), &why);
        Ok(())
    });
    match noted.await {
        Ok(()) => Reply::forbidden(key).link("/login").into(),
        Err(error) => error.into(),
    }
}

/// A cookie we gave, or a new one when it was tampered with.
fn plain(cookie: &str) -> String {
    let fits = (16..=64).contains(&cookie.len())
        && cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fits { cookie.to_owned() } else { ids::token() }
}
