//! Documents as they are used here: one on trial (試験公開) under the identifier, the address and the name of
//! the trial. Every page, mail and receipt takes the name from here.

use domain::forms::definition::{DocumentError, Procedure};
use domain::ids::ProcedureId;
use domain::procedures::is_trial;

use crate::texts;

/// Reads the document of a procedure, or of a trial of one.
///
/// # Errors
/// When it is no document.
pub fn read(id: &str, document: &[u8]) -> Result<Procedure, DocumentError> {
    let procedure = Procedure::from_json(document)?;
    let trial = ProcedureId::parse(id).ok().filter(|id| is_trial(id.as_str()));
    Ok(match trial {
        None => procedure,
        Some(trial) => procedure.on_trial(trial, &|lang, title| {
            texts::plain(lang).fill("procedures.trial.title", &[("title", &title)])
        }),
    })
}
