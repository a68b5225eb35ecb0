//! Starting by mail: the link proves the address of someone without an account.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use internet_zone_store::By;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::identity::tokens::{self, Purpose};
use internet_zone_store::identity::{Owner, consents, guests, sessions};
use internet_zone_store::vault::token_hash;
use platform_web::{CsrfForm, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::{start, together};
use crate::caller::{Caller, fresh_session};
use crate::frame::Frame;
use crate::identity::tokens::{Proven, look};
use crate::identity::{address, terms};
use crate::places;
use crate::procedures::invited;
use crate::reader::said;
use crate::shelf::Entry;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/guest.html")]
struct Page<'a> {
    frame: Frame<'a>,
    what: String,
    /// An application of this address is there, and another one would not be taken.
    twice: bool,
    seats: String,
    action: String,
    /// Words of the button.
    go_on: &'static str,
}

fn link_over() -> Reply {
    Reply::gone("identity.link_over").link(urls::PROCEDURES)
}

/// The procedure that the link begins, and the invitation that opens it.
async fn open(
    site: &Site,
    caller: &Caller,
    proven: &Proven,
) -> Result<(Arc<Entry>, Option<String>), Trouble> {
    let (entry, invitation) = reached(site, caller, proven).await?;
    start::takes_guests(entry.procedure())?;
    Ok((entry, invitation))
}

/// The same, whoever may apply. The invitation is one that was shown before the link was sent, or one for
/// the address that the link proves.
async fn reached(
    site: &Site,
    caller: &Caller,
    proven: &Proven,
) -> Result<(Arc<Entry>, Option<String>), Trouble> {
    let Some(entry) = site.shelf.shown().by_invitation(&proven.next).cloned() else {
        return Ok((start::open_to_all(site, &proven.next)?, None));
    };
    let procedure = entry.procedure();
    let held = invited::by_proof(site, procedure, &proven.email, proven.invitation.clone()).await?;
    match held {
        Some(id) => Ok((start::open_now(site, &entry)?, Some(id))),
        // What was typed is never lost; it is sent by an invitation that stands.
        None if proven.left.is_some() => Ok((start::open_now(site, &entry)?, None)),
        None => Ok((start::open_procedure(site, caller, &proven.next).await?, None)),
    }
}

/// The procedure of what the same address left unsent. Going on with it needs no open period: it may be
/// sent in the grace, and read afterwards (NF-50, NF-60).
async fn unfinished(site: &Site, proven: &Proven) -> Result<Option<Arc<Entry>>, Trouble> {
    let index = site.vault.index("email", &address::key(&proven.email));
    let now = site.micros();
    let mine = site.store.read(move |db| match guests::of_address(db, &index)? {
        Some(guest) => drafts::of(db, &Owner::Guest(guest), now),
        None => Ok(Vec::new()),
    });
    let mine = mine.await?;
    let shown = site.shelf.shown();
    let begun = |draft: Draft| {
        let entry = shown.by_id(&draft.procedure_id)?;
        let same = match &proven.left {
            Some(left) => left.draft == draft.id,
            // What corrects or writes about something sent begins nothing.
            None => draft.correction.is_none() && entry.procedure().slug == proven.next,
        };
        same.then(|| entry.told())
    };
    Ok(mine.into_iter().find_map(begun))
}

/// Asks once more, so that a mail program that follows links uses nothing up.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(token): Path<String>,
) -> PageResult {
    let proven = look::<Proven>(&site, Purpose::GuestStart, &token).await?.ok_or_else(link_over)?;
    let title = TEXTS.text("applications.guest.title");
    if let Some((first, count)) = together::opened_by(&site, &proven.next) {
        let what = TEXTS.fill(
            "applications.guest.what_several",
            &[("email", &proven.email), ("title", &said(&first.title)), ("count", &count)],
        );
        let page = Page {
            frame: Frame::form(&site, &caller, &visitor, title),
            what,
            twice: false,
            seats: String::new(),
            action: format!("/guest/{token}"),
            go_on: TEXTS.text("applications.guest.go_on"),
        };
        return Ok(Html(page).into_response());
    }
    let (entry, what, go_on) = match unfinished(&site, &proven).await? {
        Some(entry) => (entry, "applications.guest.what_left", "applications.start.continue"),
        None => {
            let (entry, _) = open(&site, &caller, &proven).await?;
            (entry, "applications.guest.what", "applications.guest.go_on")
        }
    };
    let (seats, _) = start::seats_of(&site, entry.procedure()).await?;
    let page = Page {
        twice: start::sent_before(&site, &entry, None, &proven.email).await?,
        seats,
        frame: Frame::form(&site, &caller, &visitor, title),
        what: TEXTS
            .fill(what, &[("email", &proven.email), ("title", &entry.procedure().title.ja())]),
        action: format!("/guest/{token}"),
        go_on: TEXTS.text(go_on),
    };
    Ok(Html(page).into_response())
}

/// Signs the guest in and begins, or goes on with what the same address left unsent.
pub(crate) async fn post(
    caller: Caller,
    State(site): State<Site>,
    Path(token): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let proven = look::<Proven>(&site, Purpose::GuestStart, &token).await?.ok_or_else(link_over)?;
    let goal = match together::opened_by(&site, &proven.next) {
        Some(_) => None,
        None => Some(match unfinished(&site, &proven).await? {
            Some(entry) => (entry, None),
            None => open(&site, &caller, &proven).await?,
        }),
    };
    let index = site.vault.index("email", &address::key(&proven.email));
    let candidate = site.new_id();
    let sealed = site.vault.seal(places::guest_email(&candidate), proven.email.as_bytes());
    let fresh = fresh_session(&site, Owner::Guest(candidate.clone()));
    let (spent, agreement) = (token_hash(&token), terms::agreement(&site));
    let (caller_by, mut new) = (caller.by(), fresh.session);
    let procedure = goal.as_ref().map(|(entry, _)| entry.procedure().id.as_str().to_owned());
    let old = caller.session_hash().map(<[u8]>::to_vec);
    let wanted = proven.left.as_ref().map(|left| left.draft.clone());
    let began = site
        .store
        .write(move |tx| {
            let at = caller_by.at;
            if !tokens::spend(tx, &spent, Purpose::GuestStart, at)? {
                return Ok(None);
            }
            let guest = guests::NewGuest { id: candidate, email: Some((index, sealed)), at };
            let owner = Owner::Guest(guests::admit(tx, &guest)?);
            let by = By { actor: owner.name(), ..caller_by };
            new.owner = owner.clone();
            consents::agree(tx, &by, &owner, &agreement)?;
            sessions::open(tx, &by, &new, old.as_deref(), wanted.as_deref())?;
            let mine = drafts::of(tx.db, &owner, at)?;
            let unfinished = mine.into_iter().find(|draft| match &wanted {
                Some(wanted) => draft.id == *wanted,
                // What corrects or writes about something sent begins nothing.
                None => {
                    draft.correction.is_none() && procedure.as_ref() == Some(&draft.procedure_id)
                }
            });
            Ok(Some((owner, by, unfinished.map(|draft| draft.id))))
        })
        .await?;
    let (owner, by, unfinished) = began.ok_or_else(link_over)?;
    let Some((entry, invitation)) = goal else {
        let mut answer = see_other(proven.next);
        fresh.cookie.set_on(&mut answer);
        return Ok(answer);
    };
    let id = match unfinished {
        Some(id) => id,
        None => {
            // It was sent or thrown away in between: another one begins while the period is open.
            start::open_now(&site, &entry)?;
            start::takes_guests(entry.procedure())?;
            start::begin(&site, &entry, &owner.clone().into(), by, (false, invitation)).await?
        }
    };
    let mut target = urls::draft(&id);
    if let Some(left) = proven.left.filter(|left| left.draft == id) {
        target = left.address();
        left.put(&site, &owner).await?;
    }
    let mut answer = see_other(target);
    fresh.cookie.set_on(&mut answer);
    Ok(answer)
}
