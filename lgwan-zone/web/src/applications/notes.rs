//! Internal notes.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::notes;
use lgwan_zone_store::applications::rows::Note;
use platform_web::{CsrfForm, PageResult, Visitor, see_other};

use super::clash::keeping;
use super::messages::Typed;
use super::{desk, show};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::Site;

/// Longest note in characters.
const LONGEST: usize = 2_000;

/// Adds a note; one that cannot be kept stays in its field.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let typed = form.text("words");
    let opened = desk::open(&site, &who, &id, Action::WorkOnApplication).await;
    let desk = opened.map_err(|no| keeping(no, "applications.kept.note", typed))?;
    let back = format!("/applications/{}", desk.row.id);
    let words = typed.trim().to_owned();
    if words.is_empty() || words.chars().count() > LONGEST {
        let faults = vec![Fault::of("words", "applications.fault.note")];
        let typed = Typed { note: typed.to_owned(), faults, ..Typed::default() };
        let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
        let page = show::page(&site, &who, &desk, frame, typed).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let by = who.by(&site);
    let note = Note {
        id: site.new_id(),
        application_id: desk.row.id,
        at: by.at.as_microsecond(),
        staff_id: who.id.clone(),
        words,
    };
    site.store.write(move |tx| notes::add(tx, &by, &note)).await?;
    Ok(see_other(format!("{back}?said=noted")))
}
