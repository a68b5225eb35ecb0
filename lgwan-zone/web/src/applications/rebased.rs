//! What was answered under the revision an application was moved from and is not asked any more: it
//! stays to be read (`docs/decisions/0112`).

use std::collections::BTreeMap;

use domain::forms::Answers;
use lgwan_zone_store::applications::file::File;
use lgwan_zone_store::applications::rebase;
use platform_store::time;
use platform_web::Trouble;

use super::desk::{self, Desk};
use super::summary::{self, Drawn, Page};
use crate::site::Site;
use crate::words;

/// The questions of the first revision that the present one does not have, as they were answered last.
pub(super) async fn left_out(site: &Site, desk: &Desk, whole: &File) -> Result<Vec<Page>, Trouble> {
    let row = &whole.application;
    let (id, procedure, shelf) = (row.id.clone(), row.procedure_id.clone(), site.shelf.clone());
    let form = site.store.read(move |db| match rebase::filled(db, &id)? {
        Some(revision) => shelf.get(db, &procedure, revision),
        None => Ok(None),
    });
    let Some(form) = form.await? else { return Ok(Vec::new()) };
    // A correction after the move holds only what is asked now.
    let mut answers = Answers::new();
    for round in whole.rounds.iter().rev() {
        answers.overlay(&desk::parse_answers(round)?);
    }
    let mut pages = summary::pages(&Drawn {
        form: &form,
        answers: &answers,
        before: None,
        provenance: &BTreeMap::new(),
        files: &whole.attachments,
        today: words::day(time::from_micros(row.arrived_at)),
    });
    for page in &mut pages {
        page.rows.retain(|row| desk.form.field(&row.field).is_none() && !row.lines.is_empty());
    }
    pages.retain(|page| !page.rows.is_empty());
    Ok(pages)
}
