//! The answers of an earlier application in a new one (NF-58). This zone kept none
//! of them: it asks the staff zone, which sends them back sealed for the draft.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::Answers;
use domain::identity::Action;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::identity::Owner;
use internet_zone_store::vault::Vault;
use platform_web::{CsrfForm, Html, PageResult, Reply, Trouble, see_other};

use super::access::OpenDraft;
use super::content::{Content, Copied};
use super::{access, start};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::shelf::{Entry, Shelf};
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// How long a press waits for the answers: across the bridge and back takes a moment.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The procedure of an application, if its owner may begin another one from it now.
pub(super) fn offered(
    site: &Site,
    caller: &Caller,
    owner: Option<&Owner>,
    procedure_id: &str,
) -> Option<Arc<Entry>> {
    let account = owner.and_then(Owner::account)?;
    let entry = site.shelf.shown().by_id(procedure_id).cloned()?;
    let open = start::open_to_all(site, &entry.procedure().slug).is_ok();
    (open && caller.account() == Some(account)).then_some(entry)
}

/// Begins a draft and asks for the answers.
pub(crate) async fn post(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadApplication).await?;
    let application = &open.application;
    let owner = application.owner.clone();
    let entry = offered(&site, &caller, owner.as_ref(), &application.procedure_id);
    let (Some(entry), Some(owner)) = (entry, owner) else {
        return Err(Reply::conflict("applications.again_closed")
            .link(urls::application(&id))
            .into());
    };
    if !start::agreed_before(&site, &caller).await? {
        return Ok(see_other(urls::start(&entry.procedure().slug)));
    }
    let draft = start::begin_from(&site, &entry, &owner, caller.by(), &id).await?;
    (site.wake)();
    // Should they take longer, the page has a button to look again.
    let _ = tokio::time::timeout(PATIENCE, arrived(&site, &draft)).await;
    Ok(see_other(urls::copy(&draft)))
}

/// Returns when a draft waits no more.
async fn arrived(site: &Site, draft: &str) -> Result<(), Trouble> {
    loop {
        let (id, now) = (draft.to_owned(), site.micros());
        let found = site.store.read(move |db| drafts::find(db, &id, now)).await?;
        let waits = |content: &Content| content.waits_for.is_some();
        let content = found.and_then(|(draft, _)| Content::open_or_skip(&site.vault, &draft));
        if !content.is_some_and(|content| waits(&content)) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[derive(askama::Template)]
#[template(path = "applications/copy.html")]
struct Page<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    waits: bool,
    refused: bool,
    count: usize,
    anew: Vec<&'a str>,
    gone: usize,
    /// Questions that are gone, with what was answered; empty when they are not known by name.
    named: Vec<(String, Vec<String>)>,
    here: String,
    go_on: String,
}

/// Waits for the answers, then says what was taken over and what was not.
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::draft(&site, &caller, &id).await?;
    let waits = open.content.waits_for.is_some();
    let nothing = Copied::NOTHING;
    let Some(copied) = open.content.copied.as_ref().or(waits.then_some(&nothing)) else {
        return Ok(see_other(urls::draft(&id)));
    };
    let form = &open.entry.form;
    let named = match &copied.earlier {
        Some((revision, answers)) => no_longer_asked(&site, &open, *revision, answers).await?,
        None => Vec::new(),
    };
    let anew = copied.anew.iter().filter_map(|id| form.field(id)).map(|field| field.label.ja());
    let page = Page {
        frame: Frame::plain(&site, Some(&caller), TEXTS.text("applications.copy.title")),
        procedure: open.entry.procedure().title.ja(),
        waits,
        refused: copied.refused,
        count: copied.fields,
        anew: anew.collect(),
        gone: copied.gone,
        named,
        here: urls::copy(&id),
        go_on: urls::draft(&id),
    };
    Ok(Html(page).into_response())
}

/// The questions of an older revision that are not asked any more, in the reader's language, with what
/// was answered. Of a file there is the question only: its bytes left this zone.
async fn no_longer_asked(
    site: &Site,
    open: &OpenDraft,
    revision: i64,
    earlier: &Answers,
) -> Result<Vec<(String, Vec<String>)>, Trouble> {
    let procedure = &open.draft.procedure_id;
    let before = site.shelf.revision(&site.store, procedure, revision).await?;
    let Some(before) = before.map(|entry| entry.told()) else { return Ok(Vec::new()) };
    let gone = open.entry.form.no_longer_asked(&before.form, earlier, site.today());
    let told = gone.into_iter().map(|one| {
        let lines = if one.is_file { Vec::new() } else { one.lines };
        (one.label, lines)
    });
    Ok(told.collect())
}

/// An earlier application, as the staff zone sent it.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// Which.
    pub application: &'a str,
    /// The revision it was made with; `None` when this zone forgot it.
    pub revision: Option<i64>,
    /// Its answers; `None` when it is not that person's.
    pub answers: Option<&'a Answers>,
}

/// The sealed content of a draft with the answers of an earlier application laid
/// under what was typed meanwhile; `None` when the draft waits for nothing of it.
#[must_use]
pub fn taken_over(
    (vault, shelf): (&Vault, &Shelf),
    draft: &Draft,
    earlier: Earlier<'_>,
) -> Option<Vec<u8>> {
    let entry = shelf.shown().by_id(&draft.procedure_id).cloned()?;
    let mut content = Content::open_or_skip(vault, draft)?;
    if content.waits_for.as_deref() != Some(earlier.application) {
        return None;
    }
    content.waits_for = None;
    let older = earlier.revision.filter(|revision| *revision != entry.revision);
    content.take_over(&entry.form, (earlier.answers, older));
    Some(content.seal(vault, &draft.id))
}
