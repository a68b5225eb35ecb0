//! Answering the applicant (NF-33).

use axum::extract::{Path, State};
use domain::identity::Action;
use domain::text::unwanted;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::applications::messages::{self, Message};
use platform_web::{CsrfForm, PageResult, Reply, see_other};

use super::desk;
use crate::guard::{Who, sha256};
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest message in characters.
const LONGEST: usize = 1_000;

/// One message as the page shows it.
pub(super) struct View {
    pub(super) words: String,
    pub(super) at: String,
    pub(super) by: String,
    pub(super) own: bool,
}

/// How the page of the application shows a message.
pub(super) fn view(message: &Message) -> View {
    let own = !matches!(message.writer.as_str(), messages::APPLICANT | messages::DELEGATE);
    let by = match message.writer.as_str() {
        messages::APPLICANT => TEXTS.text("applications.actor.applicant").to_owned(),
        messages::DELEGATE => {
            TEXTS.fill("applications.actor.delegate", &[("name", &message.writer_name)])
        }
        _ => message.writer_name.clone(),
    };
    View { words: message.words.clone(), at: words::stored(message.at), by, own }
}

/// Sends a message, or notes that none is needed. Pressing twice sends one.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    let back = format!("/applications/{}", desk.row.id);
    let by = who.by(&site);
    if form.text("do") == "settle" {
        site.store.write(move |tx| messages::settle(tx, &by, &desk.row.id)).await?;
        return Ok(see_other(format!("{back}?said=settled")));
    }
    let id = desk.row.id.clone();
    if site.store.read(move |db| entered::of(db, &id)).await?.is_some() {
        return Err(Reply::conflict("applications.no_page").link(back).into());
    }
    let text = form.text("message").replace("\r\n", "\n").trim().to_owned();
    let unreadable = unwanted(&text.replace('\t', " "), true).is_some();
    if text.is_empty() || unreadable || text.chars().count() > LONGEST {
        return Err(Reply::unprocessable("applications.message_refused").link(back).into());
    }
    let key = format!("{} {} {}", desk.row.id, who.id, form.text("key"));
    let new = Message {
        id: sha256(key.as_bytes()).chars().take(32).collect(),
        application_id: desk.row.id.clone(),
        at: by.at.as_microsecond(),
        writer: who.id.clone(),
        writer_name: by.name.clone(),
        words: text,
    };
    let sealed = site.office.message(&desk.id()?, &new.id, &new.words, by.at);
    site.store.write(move |tx| messages::write(tx, &by, &new, &sealed)).await?;
    (site.posted)();
    Ok(see_other(format!("{back}?said=wrote")))
}
