//! Edits of files that travel with the document (NF-11, NF-51).

use super::{Done, Refused, What};
use crate::forms::definition::{FormFile, Procedure};
use crate::forms::design::ids::Ids;
use crate::forms::design::uses;

pub(super) fn add(procedure: &mut Procedure, ids: &mut Ids<'_>, file: FormFile) -> Done {
    let id = ids.file();
    let done = Done::made(What::FileAdded, file.title.ja(), id.clone());
    procedure.files.push(FormFile { id, ..file });
    done
}

pub(super) fn set(
    procedure: &mut Procedure,
    id: &str,
    title: &str,
    listed: bool,
) -> Result<Done, Refused> {
    let file = procedure.files.iter_mut().find(|file| file.id == id).ok_or(Refused::NoFile)?;
    file.title = file.title.in_japanese(title);
    file.listed = listed;
    Ok(Done::to(What::FileChanged, title))
}

/// A picture that is shown stays.
pub(super) fn remove(procedure: &mut Procedure, id: &str) -> Result<Done, Refused> {
    let at = procedure.files.iter().position(|file| file.id == id).ok_or(Refused::NoFile)?;
    let shown = uses::of_picture(procedure, id);
    if !shown.is_empty() {
        return Err(Refused::Needed(shown));
    }
    let file = procedure.files.remove(at);
    Ok(Done::to(What::FileRemoved, file.title.ja()))
}
