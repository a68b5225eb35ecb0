//! Whose a draft or an application is. Every page of this room comes through
//! here and asks the one authorization function (W1).

use std::sync::Arc;

use domain::identity::{Action, Actor, Denied, Object, Owner as Holder, authorize};
use domain::ids::{AccountId, ApplicationId};
use internet_zone_store::applications::accept;
use internet_zone_store::applications::drafts::{self, Draft, DraftFile};
use internet_zone_store::applications::status::{self, Application};
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
                return Ok(Err(accept::receipt_of_draft(db, &wanted)?));
            };
            let pools = procedures::pools(db, &draft.procedure_id)?;
            Ok(Ok((draft, files, pools)))
        })
        .await?;
    let (draft, files, pools) = match found {
        Ok(found) => found,
        Err(Some(sent)) => return Err(see_other(urls::receipt(&sent.application_id)).into()),
        Err(None) => return Err(not_here().into()),
    };
    may_use(caller, &draft, here)?;
    let entry = entry_of(site, &draft).await?;
    let content = Content::open(&site.vault, &draft);
    Ok(OpenDraft { draft, files, content, entry, pools })
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
    let not_here = || Reply::not_found("applications.unknown").link(urls::LOOKUP);
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
    let application = found.ok_or_else(not_here)?;
    let entry = site
        .shelf
        .revision(&site.store, &application.procedure_id, application.revision)
        .await?
        .ok_or_else(not_here)?;
    let owner = match &application.owner {
        Some(Owner::Account(id)) => Holder::Account(AccountId::parse(id).or_fault()?),
        Some(Owner::Guest(_)) | None => Holder::Bearer,
    };
    let object = Object::Application {
        id: application_id.clone(),
        owner,
        department: entry.procedure().department.clone(),
    };
    let who = match caller.owner() {
        Some(_) if granted => Actor::Guest(application_id),
        Some(owner) => actor(owner).or_fault()?,
        None if matches!(application.owner, Some(Owner::Account(_))) => {
            return Err(see_other(urls::login_then(&urls::application(id))).into());
        }
        None => Actor::Visitor(String::new()),
    };
    match authorize(&who, action, &object) {
        Ok(()) => Ok(OpenApplication { application, entry }),
        Err(Denied::Hidden | Denied::Forbidden) => Err(not_here().into()),
    }
}
