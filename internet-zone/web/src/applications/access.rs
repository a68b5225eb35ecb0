//! Whose a draft or an application is. Every page of this room comes through
//! here and asks the one authorization function (W1).

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::identity::{Action, Actor, Denied, Object, Owner as Holder, authorize};
use domain::ids::{AccountId, ApplicationId};
use internet_zone_store::By;
use internet_zone_store::applications::accept;
use internet_zone_store::applications::cosigns::{self, Cosign, Signed};
use internet_zone_store::applications::drafts::{self, Draft, DraftFile};
use internet_zone_store::applications::holds::{self, Hold};
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::applications::waiting::{self, Waiting};
use internet_zone_store::identity::represented::{self, Begun};
use internet_zone_store::identity::{Owner, guests, sessions};
use internet_zone_store::procedures::{self, Pool};
use internet_zone_store::vault::Vault;
use platform_web::{OrFault as _, Reply, Trouble, see_other};

use super::acting::{self, Acting};
use super::content::Content;
use super::moved;
use crate::caller::Caller;
use crate::shelf::Entry;
use crate::site::Site;
use crate::urls;

/// Tries against other windows that save at the same moment.
const TRIES: usize = 5;

/// A draft its owner opened.
pub(crate) struct OpenDraft {
    pub(crate) draft: Draft,
    pub(crate) files: Vec<DraftFile>,
    pub(crate) content: Content,
    pub(crate) entry: Arc<Entry>,
    pub(crate) pools: Vec<Pool>,
    /// Seats kept for it until a time.
    pub(crate) holds: Vec<Hold>,
    /// Set when a delegate began it.
    pub(crate) acting: Option<Acting>,
    /// Who was asked to agree to it.
    pub(crate) cosigns: Vec<Cosign>,
    /// Whether nothing but the session leads back to it: it is of a guest who proved no address.
    pub(crate) only_here: bool,
    /// Who opened it.
    pub(crate) by: By,
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

/// The same for one page of it: who must prove who they are comes back to `here`. A draft of an older
/// revision moves over first.
pub(crate) async fn draft_at(
    site: &Site,
    caller: &Caller,
    id: &str,
    here: &str,
) -> Result<OpenDraft, Trouble> {
    for _ in 0..TRIES {
        let open = stored(site, caller, id, here).await?;
        if !moved::over(site, &open).await? {
            return Ok(open);
        }
    }
    Err(Reply::conflict("applications.busy").link(urls::draft(id)).into())
}

async fn stored(site: &Site, caller: &Caller, id: &str, here: &str) -> Result<OpenDraft, Trouble> {
    let (wanted, now) = (id.to_owned(), site.micros());
    let account = caller.account().map(str::to_owned);
    let found = site
        .store
        .read(move |db| {
            let Some((draft, files)) = drafts::find(db, &wanted, now)? else {
                let sent = accept::receipt_of_draft(db, &wanted)?;
                return Ok(Err((sent, waiting::of_draft(db, &wanted)?)));
            };
            let pools = procedures::pools(db, &draft.procedure_id)?;
            let holds = holds::of(db, &draft.id)?;
            let begun = represented::of_draft(db, &draft.id)?;
            let who = (account.as_deref(), draft.procedure_id.as_str());
            let begun = represented::read(db, begun, who, now)?;
            let cosigns = cosigns::of_draft(db, &draft.id)?;
            let only_here = match &draft.owner {
                Owner::Account(_) => false,
                Owner::Guest(guest) => guests::email(db, guest)?.is_none(),
            };
            Ok(Ok((draft, files, pools, holds, begun, cosigns, only_here)))
        })
        .await?;
    let (draft, files, mut pools, holds, begun, cosigns, only_here) = match found {
        Ok(found) => found,
        Err((Some(sent), _)) => return Err(see_other(urls::receipt(&sent.application_id)).into()),
        Err((None, Some(waits))) => return Err(see_other(urls::waiting(&waits)).into()),
        Err((None, None)) => return Err(not_here().into()),
    };
    let acting = begun.map(|begun| Acting::of(&site.vault, begun));
    may_use(caller, &draft, acting.as_ref(), here)?;
    let entry = entry_of(site, &draft).await?;
    still_represented(&entry, &draft, acting.as_ref())?;
    let content = Content::open(&site.vault, &draft)?;
    // What is kept for this draft is free for it, and nobody stands before it there.
    for hold in &holds {
        for pool in pools.iter_mut().filter(|pool| pool.pool == hold.seat.pool) {
            pool.taken -= hold.seat.units;
            pool.waiting = 0;
        }
    }
    if draft.correction.is_some() {
        // A correction has a seat or has none: it waits in no line.
        for pool in &mut pools {
            pool.waitlist = 0;
        }
    }
    let by = caller.by();
    Ok(OpenDraft { draft, files, content, entry, pools, holds, acting, cosigns, only_here, by })
}

/// A procedure may stop taking delegates while one of them fills in.
fn still_represented(entry: &Entry, draft: &Draft, acting: Option<&Acting>) -> Result<(), Trouble> {
    let delegate = acting.is_some_and(|acting| acting.right.is_some());
    if delegate && draft.correction.is_none() && !acting::takes_delegates(entry.procedure()) {
        return Err(no_delegates(entry).into());
    }
    Ok(())
}

/// The person must do this themselves.
pub(super) fn no_delegates(entry: &Entry) -> Reply {
    let procedure = entry.procedure();
    Reply::conflict("applications.no_delegates")
        .with("title", procedure.title.ja())
        .link(urls::procedure(&procedure.slug))
}

fn may_use(
    caller: &Caller,
    draft: &Draft,
    acting: Option<&Acting>,
    here: &str,
) -> Result<(), Trouble> {
    let Some(owner) = caller.owner() else {
        return match draft.owner {
            Owner::Account(_) => Err(see_other(urls::login_then(here)).into()),
            Owner::Guest(_) => Err(see_other(urls::comeback(&draft.id)).into()),
        };
    };
    may_use_as(owner, draft, acting)
}

fn may_use_as(who: &Owner, draft: &Draft, acting: Option<&Acting>) -> Result<(), Trouble> {
    let holder = match acting {
        Some(acting) => acting.holder(&draft.procedure_id),
        None => holder(&draft.owner),
    };
    let object = Object::Draft { owner: holder.or_fault()? };
    let who = actor(who, acting).or_fault()?;
    authorize(&who, Action::UseDraft, &object).map_err(|_| not_here().into())
}

/// Whether somebody who just proved who they are may fill in a draft.
pub(super) fn may_fill(vault: &Vault, who: &Owner, draft: &Draft, begun: Option<Begun>) -> bool {
    let acting = begun.map(|begun| Acting::of(vault, begun));
    may_use_as(who, draft, acting.as_ref()).is_ok()
}

/// The current revision for a new application, the application's own for a correction.
async fn entry_of(site: &Site, draft: &Draft) -> Result<Arc<Entry>, Trouble> {
    let entry = if draft.correction.is_some() {
        site.shelf.revision(&site.store, &draft.procedure_id, draft.revision).await?
    } else {
        site.shelf.shown().by_id(&draft.procedure_id).cloned()
    };
    let entry = entry.map(|entry| entry.told());
    entry.ok_or_else(|| Reply::gone("applications.procedure_gone").link(urls::PROCEDURES).into())
}

/// Who acts: for themselves, or by the right to act for another.
fn actor(owner: &Owner, acting: Option<&Acting>) -> Result<Actor, domain::ids::BadId> {
    if let Some(right) = acting.and_then(|acting| acting.right.clone()) {
        return Ok(Actor::Delegate(right));
    }
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
    /// Set when a delegate began it.
    pub(crate) acting: Option<Acting>,
    /// Who was asked to agree to it before it was sent.
    pub(crate) cosigners: Vec<Signed>,
    /// Whether the caller agreed to it, and has no other right to it.
    pub(crate) as_cosigner: bool,
}

impl OpenApplication {
    /// Whether the caller who opened it may do something else with it.
    pub(super) fn allows(&self, action: Action) -> bool {
        if self.as_cosigner {
            let Ok(id) = ApplicationId::parse(&self.application.id) else { return false };
            let department = self.entry.procedure().department.clone();
            let object = Object::Application { id: id.clone(), owner: Holder::Bearer, department };
            return authorize(&Actor::Cosigner(id), action, &object).is_ok();
        }
        let Some(right) = self.acting.as_ref().and_then(|acting| acting.right.clone()) else {
            return true;
        };
        let holder =
            self.acting.as_ref().map(|acting| acting.holder(&self.application.procedure_id));
        let Some(Ok(owner)) = holder else { return false };
        let Ok(id) = ApplicationId::parse(&self.application.id) else { return false };
        let department = self.entry.procedure().department.clone();
        let object = Object::Application { id, owner, department };
        authorize(&Actor::Delegate(right), action, &object).is_ok()
    }
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
    let (account, now) = (caller.account().map(str::to_owned), site.micros());
    let (found, granted, begun, cosigners) = site
        .store
        .read(move |db| {
            let granted = match &session {
                Some(session) => sessions::has_grant(db, session, &wanted)?,
                None => false,
            };
            let Some(found) = status::find(db, &wanted)? else {
                return Ok((None, granted, None, Vec::new()));
            };
            let begun = represented::of_application(db, &wanted)?;
            let who = (account.as_deref(), found.procedure_id.as_str());
            let begun = represented::read(db, begun, who, now)?;
            let cosigners = cosigns::of_application(db, &wanted)?;
            Ok((Some(found), granted, begun, cosigners))
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
        .ok_or_else(not_here)?
        .told();
    let acting = begun.map(|begun| Acting::of(&site.vault, begun));
    let whose = (application.owner.as_ref(), acting.as_ref());
    let as_cosigner = only_signed(caller, application.owner.as_ref(), &cosigners);
    may(caller, (application_id, whose, &entry), (granted, as_cosigner), action)?;
    Ok(OpenApplication { application, entry, acting, cosigners, as_cosigner })
}

/// Whether the caller agreed to somebody else's application. Nobody agrees to what they began, so
/// no other right is lost by it.
fn only_signed(caller: &Caller, owner: Option<&Owner>, cosigners: &[Signed]) -> bool {
    caller.owner() != owner
        && caller.account().is_some_and(|me| cosigners.iter().any(|one| one.cosign.agreed_by(me)))
}

/// Whether the caller may do this with an application, arrived or waiting.
fn may(
    caller: &Caller,
    (id, (owner, acting), entry): (ApplicationId, (Option<&Owner>, Option<&Acting>), &Entry),
    (granted, signed): (bool, bool),
    action: Action,
) -> Result<(), Trouble> {
    let holder = match owner {
        Some(Owner::Account(id)) => match acting {
            Some(acting) => acting.holder(entry.procedure().id.as_str()).or_fault()?,
            None => Holder::Account(AccountId::parse(id).or_fault()?),
        },
        Some(Owner::Guest(_)) | None => Holder::Bearer,
    };
    let department = entry.procedure().department.clone();
    let object = Object::Application { id: id.clone(), owner: holder, department };
    let who = match caller.owner() {
        Some(_) if granted => Actor::Guest(id),
        Some(_) if signed => Actor::Cosigner(id),
        Some(owner) => actor(owner, acting).or_fault()?,
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
) -> Result<(Waiting, i64, Arc<Entry>, Option<Acting>), Trouble> {
    let application_id = ApplicationId::parse(id).map_err(|_| unknown())?;
    let (wanted, session) = (id.to_owned(), caller.session_hash().map(<[u8]>::to_vec));
    let (account, now) = (caller.account().map(str::to_owned), site.micros());
    let (found, before, granted, begun, cosigners) = site
        .store
        .read(move |db| {
            let granted = match &session {
                Some(session) => sessions::has_grant(db, session, &wanted)?,
                None => false,
            };
            let Some(found) = waiting::find(db, &wanted)? else {
                return Ok((None, 0, granted, None, Vec::new()));
            };
            let before = waiting::before(db, &found)?;
            let begun = represented::of_application(db, &wanted)?;
            let who = (account.as_deref(), found.procedure_id.as_str());
            let begun = represented::read(db, begun, who, now)?;
            let cosigners = cosigns::of_application(db, &wanted)?;
            Ok((Some(found), before, granted, begun, cosigners))
        })
        .await?;
    let Some(found) = found else { return Err(see_other(urls::application(id)).into()) };
    let revision = site.shelf.revision(&site.store, &found.procedure_id, found.revision).await?;
    let entry = revision.ok_or_else(unknown)?.told();
    let acting = begun.map(|begun| Acting::of(&site.vault, begun));
    let whose = (found.owner.as_ref(), acting.as_ref());
    let signed = only_signed(caller, found.owner.as_ref(), &cosigners);
    may(caller, (application_id, whose, &entry), (granted, signed), action)?;
    Ok((found, before, entry, acting))
}
