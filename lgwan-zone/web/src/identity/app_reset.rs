//! 認証アプリの初期化: for somebody who lost the app and has no recovery code. One administrator asks,
//! another releases (IK-3.5.2b).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use http::StatusCode;
use lgwan_zone_store::identity::resets::{self, Turned};
use lgwan_zone_store::identity::{recovery, staff};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other};

use super::recovery::letter;
use super::staff::{missing, not_oneself};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::letters::Changed;
use crate::site::Site;
use crate::words;

/// Longest reason in characters.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "identity/app_reset.html")]
struct ResetPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    name: String,
    login_id: String,
    /// Whether an app is registered.
    totp: bool,
    /// Who asked, when and why, when a reset waits.
    waits: Option<(String, String)>,
    /// Whether this administrator asked.
    own: bool,
    /// When and by whom the last one was released.
    done: Option<String>,
    can_manage: bool,
    reason: String,
}

/// Shows how it stands with the app of somebody.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let mut page = page(&site, &who, &visitor, id).await?;
    page.frame = page.frame.said(&query, "identity");
    Ok(Html(page).into_response())
}

async fn page(site: &Site, who: &Who, visitor: &Visitor, id: String) -> Result<ResetPage, Trouble> {
    let (wanted, now) = (id.clone(), site.clock.now().as_microsecond());
    let found = site.store.read(move |db| {
        let Some(person) = staff::find(db, &wanted)? else { return Ok(None) };
        let reset = resets::find(db, &wanted)?;
        let people: Vec<String> = reset
            .iter()
            .flat_map(|one| std::iter::once(&one.asked_by).chain(&one.released_by))
            .cloned()
            .collect();
        Ok(Some((person, reset, staff::names(db, &people)?)))
    });
    let (person, reset, names) = found.await?.ok_or_else(missing)?;
    let named = |id: &str| {
        let known = names.iter().find(|(known, ..)| known == id);
        known.map_or_else(String::new, |(_, _, name)| name.clone())
    };
    let at = |at: i64, id: &str| format!("{} {}", words::stored(at), named(id));
    let waits = reset.as_ref().filter(|one| one.waits(now));
    let done = reset.as_ref().and_then(|one| one.released_at.zip(one.released_by.as_ref()));
    Ok(ResetPage {
        frame: Frame::of(site, who, visitor, Place::Staff),
        faults: Vec::new(),
        own: waits.is_some_and(|one| one.asked_by == who.id),
        waits: waits.map(|one| (at(one.asked_at, &one.asked_by), one.reason.clone())),
        done: done.map(|(when, id)| at(when, id)),
        can_manage: who.id != id && who.can(Action::ManageStaff, &Object::StaffList),
        id,
        name: person.display_name,
        login_id: person.login_id,
        totp: person.totp_secret.is_some(),
        reason: String::new(),
    })
}

/// Asks, releases or drops it.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    not_oneself(&who, &id)?;
    let (by, wanted) = (who.by(&site), id.clone());
    let (turned, said) = match form.text("do") {
        "release" => {
            let letter = letter(&site, &by, &id, Changed::Reset).await?;
            let clock = site.clock.clone();
            let turned = site.store.write(move |tx| {
                let turned = resets::release(tx, &by, &wanted)?;
                if let Some(letter) = letter.filter(|_| turned == Turned::Done) {
                    recovery::tell(tx, &clock, &letter)?;
                }
                Ok(turned)
            });
            (turned.await?, "app_reset")
        }
        "drop" => {
            (site.store.write(move |tx| resets::drop_it(tx, &by, &wanted)).await?, "app_kept")
        }
        _ => {
            let reason = form.text("reason").trim().replace("\r\n", "\n");
            if reason.is_empty() || reason.chars().count() > LONGEST {
                let mut page = page(&site, &who, &visitor, id).await?;
                page.faults.push(Fault::of("reason", "identity.fault.app_reason"));
                page.reason = reason;
                return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
            }
            let asked = site.store.write(move |tx| resets::ask(tx, &by, &wanted, &reason));
            (asked.await?, "app_asked")
        }
    };
    let back = format!("/staff/{id}/app");
    match turned {
        Turned::Done => Ok(see_other(format!("{back}?said={said}"))),
        Turned::HandedPassword => Err(Reply::conflict("identity.app_handed").link(back).into()),
        Turned::Late => Err(Reply::conflict("identity.app_late").link(back).into()),
    }
}
