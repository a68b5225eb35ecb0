//! Files of the folder that no row names: left by a save or an arrival that
//! failed after the bytes were durable.

use std::collections::HashSet;

use diesel::prelude::*;
use platform_store::Db;

use crate::schema::{documents, doomed_files, draft_files, upload_pieces};

/// Those of the files that no draft, no piece and no document names, and that are not on
/// their way out already.
///
/// # Errors
/// When the database cannot be read.
pub fn unnamed(db: &mut Db, files: &[String]) -> QueryResult<Vec<String>> {
    let in_drafts = draft_files::table.filter(draft_files::id.eq_any(files));
    let mut named: HashSet<String> =
        in_drafts.select(draft_files::id).load(db)?.into_iter().collect();
    let issued = documents::table.filter(documents::file_id.eq_any(files));
    named.extend(issued.select(documents::file_id).load::<String>(db)?);
    let pieces = upload_pieces::table.filter(upload_pieces::file_id.eq_any(files));
    named.extend(pieces.select(upload_pieces::file_id).load::<String>(db)?);
    let doomed = doomed_files::table.filter(doomed_files::id.eq_any(files));
    named.extend(doomed.select(doomed_files::id).load::<String>(db)?);
    Ok(files.iter().filter(|file| !named.contains(*file)).cloned().collect())
}
