//! Files of the folder that no row names: left by an upload that broke off, or by a step that was
//! refused after the bytes were durable.

use std::collections::HashSet;

use diesel::prelude::*;
use platform_store::Db;

use crate::schema::{
    application_attachments, batch_rows, doomed_files, entry_files, issued_documents,
};

/// Characters of an identifier. Large files on their way have longer names, which the lane gives and
/// takes away.
const ID: usize = 26;

/// Those of the files that no attachment, no document, no scan and no batch names, and that are not on
/// their way out already.
///
/// # Errors
/// When the database cannot be read.
pub fn unnamed(db: &mut Db, files: &[String]) -> QueryResult<Vec<String>> {
    let attached = application_attachments::table
        .filter(application_attachments::file_id.eq_any(files))
        .select(application_attachments::file_id.assume_not_null());
    let mut named: HashSet<String> = attached.load(db)?.into_iter().collect();
    let issued = issued_documents::table.filter(issued_documents::file_id.eq_any(files));
    named.extend(issued.select(issued_documents::file_id).load::<String>(db)?);
    let scans = entry_files::table.filter(entry_files::id.eq_any(files));
    named.extend(scans.select(entry_files::id).load::<String>(db)?);
    let rows = batch_rows::table.filter(batch_rows::file_id.eq_any(files));
    named.extend(rows.select(batch_rows::file_id.assume_not_null()).load::<String>(db)?);
    let doomed = doomed_files::table.filter(doomed_files::id.eq_any(files));
    named.extend(doomed.select(doomed_files::id).load::<String>(db)?);
    let own = files.iter().filter(|file| file.len() == ID && !named.contains(*file));
    Ok(own.cloned().collect())
}
