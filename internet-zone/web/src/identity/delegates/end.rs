//! Accepting with one press, and ending by either side.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Standing};
use internet_zone_store::identity::mandates;
use internet_zone_store::mail;
use platform_web::{CsrfForm, Html, PageResult, Reply, Visitor, see_other};

use super::{Open, letters, open};
use crate::applications::acting::person;
use crate::caller::Citizen;
use crate::frame::Frame;
use crate::letters::Template;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "identity/end_delegate.html")]
struct Page<'a> {
    frame: Frame<'a>,
    ask: String,
    what: &'static str,
    button: &'static str,
    action: String,
    back: &'static str,
}

fn over() -> Reply {
    Reply::gone("identity.mandate_over").link(urls::DELEGATES)
}

/// Takes the offer on.
pub(crate) async fn accept(
    who: Citizen,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let mut open = open(&site, &who, &id, Action::AcceptMandate).await?;
    let done = || see_other(format!("{}?done=accepted", urls::DELEGATES));
    match open.row.standing(site.micros()) {
        Standing::Live => return Ok(done()),
        Standing::Ended | Standing::Expired => return Err(over().into()),
        Standing::Offered => {}
    }
    let me = who.id.clone();
    let account =
        site.store.read(move |db| internet_zone_store::identity::accounts::find(db, &me)).await?;
    open.delegate = person(&site.vault, who.id.clone(), account.as_ref());
    let both = (Template::MandateAccepted, Template::MandateTaken);
    let (letters, by, me) = (letters(&site, &open, both), who.caller.by(), who.id.clone());
    let accepted = site
        .store
        .write(move |tx| {
            let accepted = mandates::accept(tx, &by, &id, &me)?;
            if accepted {
                for letter in &letters {
                    mail::queue(tx, letter, by.at)?;
                }
            }
            Ok(accepted)
        })
        .await?;
    if !accepted {
        return Err(over().into());
    }
    (site.wake)();
    Ok(done())
}

/// Asks whether it is meant.
pub(crate) async fn get(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = open(&site, &who, &id, Action::EndMandate).await?;
    let (title, ask, what) = words(&open, site.micros())?;
    let page = Page {
        frame: Frame::form(&site, &who.caller, &visitor, TEXTS.text(title)),
        ask: TEXTS.fill(ask, &[("name", &open.other())]),
        what: TEXTS.text(what),
        button: TEXTS.text(title),
        action: format!("{}/end", urls::delegate(&id)),
        back: urls::DELEGATES,
    };
    Ok(Html(page).into_response())
}

/// Title, question, and what follows.
fn words(open: &Open, now: i64) -> Result<(&'static str, &'static str, &'static str), Reply> {
    Ok(match (open.row.standing(now), open.is_principal) {
        (Standing::Live, true) => (
            "identity.delegates.revoke",
            "identity.delegates.revoke_ask",
            "identity.delegates.revoke_what",
        ),
        (Standing::Live, false) => (
            "identity.delegates.return",
            "identity.delegates.return_ask",
            "identity.delegates.return_what",
        ),
        (Standing::Offered, true) => (
            "identity.delegates.take_back",
            "identity.delegates.take_back_ask",
            "identity.delegates.take_back_what",
        ),
        (Standing::Offered, false) => (
            "identity.delegates.decline",
            "identity.delegates.decline_ask",
            "identity.delegates.decline_what",
        ),
        (Standing::Ended | Standing::Expired, _) => return Err(over()),
    })
}

/// Ends it and tells both.
pub(crate) async fn post(
    who: Citizen,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let open = open(&site, &who, &id, Action::EndMandate).await?;
    let letters = letters(&site, &open, (Template::MandateEnded, Template::MandateGone));
    let by = who.caller.by();
    site.store
        .write(move |tx| {
            if mandates::end(tx, &by, &id)? {
                for letter in &letters {
                    mail::queue(tx, letter, by.at)?;
                }
            }
            Ok(())
        })
        .await?;
    (site.wake)();
    Ok(see_other(format!("{}?done=ended", urls::DELEGATES)))
}
