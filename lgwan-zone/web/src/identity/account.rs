//! The own account: last log-in and log-out shown (IK-3.5.2b).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::identity::{recovery, staff};
use platform_web::{Html, PageResult, QueryData, Visitor, see_other};

use super::sessions::{self, View};
use crate::frame::{Frame, Place, home as home_of, role_key};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "identity/account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    login_id: String,
    role: String,
    departments: String,
    this_login: String,
    last_login: String,
    last_logout: String,
    password_changed: String,
    totp: bool,
    /// Whether the person may log in with a password.
    types: bool,
    /// Recovery codes that are left; none when none were made.
    codes: Option<usize>,
    sessions: Vec<View>,
}

/// Leads everybody to the place of the role.
pub async fn home(who: Who) -> PageResult {
    Ok(see_other(home_of(who.role)))
}

/// Shows the own account.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let id = who.id.clone();
    let out = Filter {
        actor: Some(format!("staff:{id}")),
        act: Some("identity.logged_out".to_owned()),
        ..Filter::default()
    };
    let (person, out, left) = site
        .store
        .read(move |db| {
            let out = audit::search(db, &out, 1)?;
            Ok((staff::find(db, &id)?, out, recovery::left(db, &id)?))
        })
        .await?;
    let out = out.first().map(|found| &found.event);
    let person = person.ok_or_else(|| platform_web::Fault::because("the account is gone"))?;
    let login = |at: Option<i64>, ip: &Option<String>| match (at, ip) {
        (Some(at), Some(ip)) => format!("{} ({ip})", words::stored(at)),
        (Some(at), None) => words::stored(at),
        (None, _) => TEXTS.text("identity.never").to_owned(),
    };
    let sso = site.settings.single_sign_on.as_ref();
    let page = AccountPage {
        departments: who.belongs(),
        role: TEXTS.text(role_key(who.role)).to_owned(),
        this_login: login(person.last_login_at, &person.last_login_ip),
        last_login: login(person.previous_login_at, &person.previous_login_ip),
        last_logout: login(
            out.map(|event| event.at.as_microsecond()),
            &out.map(|event| event.ip.clone()),
        ),
        password_changed: words::stored(person.password_changed_at),
        totp: person.totp_secret.is_some(),
        codes: left.map(|(_, left)| left),
        sessions: sessions::own(&site, &who).await?,
        types: sso.is_none_or(|sso| sso.lets_type(&person.login_id)),
        name: person.display_name,
        login_id: person.login_id,
        frame: Frame::of(&site, &who, &visitor, Place::Elsewhere).said(&query, "identity"),
    };
    Ok(Html(page).into_response())
}
