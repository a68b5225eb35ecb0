//! Internal notes.

use axum::extract::{Path, State};
use domain::identity::Action;
use lgwan_zone_store::applications::notes;
use lgwan_zone_store::applications::rows::Note;
use platform_web::{CsrfForm, PageResult, Reply, see_other};

use super::desk;
use crate::guard::Who;
use crate::site::Site;

/// Longest note in characters.
const LONGEST: usize = 2_000;

/// Adds a note.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    let back = format!("/applications/{}", desk.row.id);
    let words = form.text("words").trim().to_owned();
    if words.is_empty() || words.chars().count() > LONGEST {
        return Err(Reply::unprocessable("applications.note_refused").link(back).into());
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
