//! Showing bundles again on a host without a database, for a mover that takes what is
//! in `ready/`.

use std::path::Path;

use bridge_contract::bundle::bundle_name;
use bridge_contract::request::Request;

use crate::durable::{rename_new, sync_dir};
use crate::folder::{Folder, bundles_in};
use crate::{Identity, SpoolError};

/// Puts the bundles of a request back into `ready/`; says which of them are there now.
/// The lane's sender may run: it is only moved where every mover finds it, and goes to
/// its shelf again with the next receipt, if one ever comes.
///
/// # Errors
/// [`SpoolError`] when the folder is another lane's or the disk refuses.
pub fn show_again(
    spool: &Path,
    identity: &Identity,
    request: &Request,
) -> Result<Vec<u64>, SpoolError> {
    let folder = Folder::open(spool, identity, ("sender", None), &["tmp", "ready", "sent"])?;
    let ready = folder.part("ready");
    for dir in folder.shelves("sent")? {
        for at in bundles_in(&dir)? {
            let name = bundle_name(at.0, at.1);
            if request.asks_for(at) {
                match rename_new(&dir.join(&name), &ready.join(&name)) {
                    Ok(()) | Err(SpoolError::Exists(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    sync_dir(&ready)?;
    let there = folder.bundles("ready")?;
    Ok(there.into_iter().filter(|at| request.asks_for(*at)).map(|(_, seq)| seq).collect())
}
