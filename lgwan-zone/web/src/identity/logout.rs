//! Logout. The page before it cannot be called back (W20).

use axum::extract::State;
use http::HeaderValue;
use lgwan_zone_store::identity::sessions;
use platform_web::cookies::Cookie;
use platform_web::{CsrfForm, PageResult, see_other};

use crate::guard::{SESSION_COOKIE, Who};
use crate::site::Site;

/// Ends the session.
pub async fn post(
    State(site): State<Site>,
    who: Option<axum::Extension<Who>>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    if let Some(axum::Extension(who)) = who {
        let by = who.by(&site);
        site.store.write(move |tx| sessions::end(tx, &by, &who.session)).await?;
    }
    let mut answer = see_other("/login");
    Cookie::expired(SESSION_COOKIE).strict().set_on(&mut answer);
    let cleared = HeaderValue::from_static("\"cache\", \"storage\"");
    answer.headers_mut().insert("clear-site-data", cleared);
    Ok(answer)
}
