//! Published definitions, compiled once and kept: a revision never changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::QueryResult;
use domain::forms::Compiled;
use domain::forms::definition::Procedure;
use domain::ids::ProcedureId;
use domain::procedures::is_trial;
use platform_store::Db;

use crate::procedures;

/// Revisions kept at most; one is some 10 to 100 KiB.
const ROOM: usize = 512;

/// Procedure and revision to what they say.
type Books = HashMap<(String, i32), Arc<Compiled>>;

/// The shelf. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Arc<Mutex<Books>>);

impl Shelf {
    /// One revision, ready to be shown; `None` when it was never published.
    ///
    /// # Errors
    /// When the database cannot be read, or holds a document that no longer
    /// reads: it was checked when it was published, so that is a fault.
    pub fn get(&self, db: &mut Db, id: &str, revision: i32) -> QueryResult<Option<Arc<Compiled>>> {
        let key = (id.to_owned(), revision);
        if let Some(known) = self.lock().get(&key) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(row) = procedures::revision(db, id, revision)? else {
            return Ok(None);
        };
        let trial = match ProcedureId::parse(id) {
            Ok(trial) if is_trial(id) => procedures::used(db, id)?.map(|row| (trial, row.title)),
            Ok(_) | Err(_) => None,
        };
        let compiled = Arc::new(compile(&row.document, trial)?);
        let mut shelf = self.lock();
        if shelf.len() >= ROOM {
            shelf.clear();
        }
        shelf.insert(key, Arc::clone(&compiled));
        Ok(Some(compiled))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compiles a document; that of a trial under the trial's identifier and name.
fn compile(document: &str, trial: Option<(ProcedureId, String)>) -> QueryResult<Compiled> {
    let unreadable = |why: String| diesel::result::Error::DeserializationError(why.into());
    let procedure =
        Procedure::from_json(document.as_bytes()).map_err(|error| unreadable(error.to_string()))?;
    let procedure = match trial {
        Some((id, title)) => procedure.on_trial(id, &|_, _| title.clone()),
        None => procedure,
    };
    Compiled::new(procedure)
        .map_err(|problems| unreadable(format!("{} problems in the document", problems.len())))
}
