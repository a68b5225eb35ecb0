//! Whose a draft or an application is. Every page of this room comes through
//! here and asks the one authorization function (W1).

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::identity::{Action, Actor, Denied, Object, Owner as Holder, authorize};
use domain::ids::{AccountId, ApplicationId};
use internet_zone_store::applications::accept;
use internet_zone_store::applications::drafts::{self, Draft, DraftFile};
use internet_zone_store::applications::holds::{self, Hold};
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::applications::waiting::{self, Waiting};
use internet_zone_store::identity::{Owner, sessions};
use internet_zone_store::procedures::{self, Pool};
use platform_web::{OrFault as _, Reply, Trouble, see_other};

use super::content::Content;
use crate::caller::Caller;
use crate::shelf::Entry;
use crate::site::Site;
use crate::urls;

/// A draft its owner opened.
pub(crate) struct OpenDraft {
    pub(crate) draft: Draft,
    pub(crate) files: Vec<DraftFile>,
    pub(crate) content: Content,
    pub(crate) entry: Arc<Entry>,
    pub(crate) pools: Vec<Pool>,
    /// Seats kept for it until a time.
    pub(crate) holds: Vec<Hold>,
}

impl OpenDraft {
    /// Pools of which this draft can neither have a seat nor wait for one.
    pub(super) fn full(&self) -> BTreeSet<String> {
        let closed = self.pools.iter().filter(|pool| pool.is_full() && !pool.may_wait());
        closed.map(|pool| pool.pool.clone()).collect()
    }
}

pub(super) fn not_here() -> Reply {
    Reply::not_found("applications.no_draft").link(urls::MY_PAGE)
}

/// Opens a draft for its owner. One that was sent leads to its receipt.
pub(crate) async fn draft(site: &Site, caller: &Caller, id: &str) -> Result<OpenDraft, Trouble> {
    draft_at(site, caller, id, &urls::draft(id)).await
}

/// The same for one page of it: who must prove who they are comes back to `here`.
pub(crate) async fn draft_at(
    site: &Site,
    caller: &Caller,
    id: &str,
    here: &str,
) -> Result<OpenDraft, Trouble> {
    let (wanted, now) = (id.to_owned(), site.micros());
    let found = site
        .store
        .read(move |db| {
            let Some((draft, files)) = drafts::find(db, &wanted, now)? else {
                let sent = accept::receipt_of_draft(db, &wanted)?;
                return Ok(Err((sent, waiting::of_draft(db, &wanted)?)));
            };
            let pools = procedures::pools(db, &draft.procedure_id)?;
            let holds = holds::of(db, &draft.id)?;
            Ok(Ok((draft, files, pools, holds)))
        })
        .await?;
    let (draft, files, mut pools, holds) = match found {
        Ok(found) => found,
        Err((Some(sent), _)) => return Err(see_other(urls::receipt(&sent.application_id)).into()),
        Err((None, Some(waits))) => return Err(see_other(urls::waiting(&waits)).into()),
        Err((None, None)) => return Err(not_here().into()),
    };
    may_use(caller, &draft, here)?;
    let entry = entry_of(site, &draft).await?;
    let content = Content::open(&site.vault, &draft);
    // What is kept for this draft is free for it, and nobody stands before it there.
    for hold in &holds {
        for pool in pools.iter_mut().filter(|pool| pool.pool == hold.seat.pool) {
            pool.taken -= hold.seat.units;
            pool.waiting = 0;
        }
    }
    Ok(OpenDraft { draft, files, content, entry, pools, holds })
}

fn may_use(caller: &Caller, draft: &Draft, here: &str) -> Result<(), Trouble> {
    let Some(owner) = caller.owner() else {
        return match draft.owner {
            Owner::Account(_) => Err(see_other(urls::login_then(here)).into()),
            Owner::Guest(_) => Err(see_other(urls::comeback(&draft.id)).into()),
        };
    };
    let object = Object::Draft { owner: holder(&draft.owner).or_fault()? };
    authorize(&actor(owner).or_fault()?, Action::UseDraft, &object).map_err(|_| not_here().into())
}

/// The current revision for a new application, the application's own for a correction.
async fn entry_of(site: &Site, draft: &Draft) -> Result<Arc<Entry>, Trouble> {
    let entry = if draft.correction.is_some() {
        site.shelf.revision(&site.store, &draft.procedure_id, draft.revision).await?
    } else {
        site.shelf.shown().by_id(&draft.procedure_id).cloned()
    };
    entry.ok_or_else(|| Reply::gone("applications.procedure_gone").link(urls::PROCEDURES).into())
}

fn actor(owner: &Owner) -> Result<Actor, domain::ids::BadId> {
    Ok(match owner {
        Owner::Account(id) => Actor::Citizen(AccountId::parse(id)?),
        Owner::Guest(id) => Actor::Visitor(id.clone()),
    })
}

fn holder(owner: &Owner) -> Result<Holder, domain::ids::BadId> {
    Ok(match owner {
        Owner::Account(id) => Holder::Account(AccountId::parse(id)?),
        Owner::Guest(id) => Holder::Visitor(id.clone()),
    })
}

/// An application that the caller may do something with, and its procedure.
pub(crate) struct OpenApplication {
    pub(crate) application: Application,
    pub(crate) entry: Arc<Entry>,
}

/// Opens an application for `action`.
pub(crate) async fn application(
    site: &Site,
    caller: &Caller,
    id: &str,
    action: Action,
) -> Result<OpenApplication, Trouble> {
    let not_here = unknown;
    let application_id = ApplicationId::parse(id).map_err(|_| not_here())?;
    let (wanted, session) = (id.to_owned(), caller.session_hash().map(<[u8]>::to_vec));
    let (found, granted) = site
        .store
        .read(move |db| {
            let granted = match &session {
                Some(session) => sessions::has_grant(db, session, &wanted)?,
                None => false,
            };
            Ok((status::find(db, &wanted)?, granted))
        })
        .await?;
    let Some(application) = found else {
        let wanted = id.to_owned();
        let waits = site.store.read(move |db| waiting::find(db, &wanted)).await?;
        return Err(match waits {
            Some(waits) => see_other(urls::waiting(&waits.id)).into(),
            None => not_here().into(),
        });
    };
    let entry = site
        .shelf
        .revision(&site.store, &application.procedure_id, application.revision)
        .await?
        .ok_or_else(not_here)?;
    may(caller, (application_id, application.owner.as_ref(), &entry), granted, action)?;
    Ok(OpenApplication { application, entry })
}

/// Whether the caller may do this with an application, arrived or waiting.
fn may(
    caller: &Caller,
    (id, owner, entry): (ApplicationId, Option<&Owner>, &Entry),
    granted: bool,
    action: Action,
) -> Result<(), Trouble> {
    let holder = match owner {
        Some(Owner::Account(id)) => Holder::Account(AccountId::parse(id).or_fault()?),
        Some(Owner::Guest(_)) | None => Holder::Bearer,
    };
    let department = entry.procedure().department.clone();
    let object = Object::Application { id: id.clone(), owner: holder, department };
    let who = match caller.owner() {
        Some(_) if granted => Actor::Guest(id),
        Some(owner) => actor(owner).or_fault()?,
        None if matches!(owner, Some(Owner::Account(_))) => {
            return Err(see_other(urls::login_then(&urls::application(id.as_str()))).into());
        }
        None => Actor::Visitor(String::new()),
    };
    authorize(&who, action, &object).map_err(|_: Denied| unknown().into())
}

fn unknown() -> Reply {
    Reply::not_found("applications.unknown").link(urls::LOOKUP)
}

/// An application that waits, how many are before it, and its procedure. One whose
/// turn came leads to its page.
pub(crate) async fn waits(
    site: &Site,
    caller: &Caller,
    id: &str,
    action: Action,
) -> Result<(Waiting, i64, Arc<Entry>), Trouble> {
    let application_id = ApplicationId::parse(id).map_err(|_| unknown())?;
    let (wanted, session) = (id.to_owned(), caller.session_hash().map(<[u8]>::to_vec));
    let (found, before, granted) = site
        .store
        .read(move |db| {
            let granted = match &session {
                Some(session) => sessions::has_grant(db, session, &wanted)?,
                None => false,
            };
            let Some(found) = waiting::find(db, &wanted)? else { return Ok((None, 0, granted)) };
            let before = waiting::before(db, &found)?;
            Ok((Some(found), before, granted))
        })
        .await?;
    let Some(found) = found else { return Err(see_other(urls::application(id)).into()) };
    let revision = site.shelf.revision(&site.store, &found.procedure_id, found.revision).await?;
    let entry = revision.ok_or_else(unknown)?;
    may(caller, (application_id, found.owner.as_ref(), &entry), granted, action)?;
    Ok((found, before, entry))
}
