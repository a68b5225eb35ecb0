//! Resets on a host without a database: installed beside the lane, taken over when the
//! role starts.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use bridge_contract::keys::KeySet;
use bridge_contract::place::Lane;
use bridge_contract::reset::{BadReset, ResetDocument};

use crate::durable::sync_dir;
use crate::{Ingested, SpoolError};

const NAME: &str = "reset";

/// Why a reset is not installed here.
#[derive(Debug, thiserror::Error)]
pub enum NotInstalled {
    /// Two operators did not sign it.
    #[error(transparent)]
    Reset(#[from] BadReset),
    /// A later one is here already.
    #[error("a reset to epoch {0} is installed here already")]
    Later(u32),
    /// The disk refuses.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

/// Installs a reset for the role that works on its lane; durable when this returns. The
/// role takes it over at its next start.
///
/// # Errors
/// [`NotInstalled`] when it is not signed by two operators, or an older one.
pub fn install_reset(
    spool: &Path,
    file: &[u8],
    keys: &KeySet,
) -> Result<ResetDocument, NotInstalled> {
    let document = ResetDocument::open(file, keys)?;
    let dir = spool.join(document.reset.lane.word());
    if let Some(known) = installed_reset(spool, document.reset.lane, keys)?
        && known.reset.new_epoch() > document.reset.new_epoch()
    {
        return Err(NotInstalled::Later(known.reset.new_epoch()));
    }
    let (path, draft) = (dir.join(NAME), dir.join("reset.new"));
    let write = || {
        fs::create_dir_all(&dir)?;
        fs::write(&draft, file)?;
        fs::File::open(&draft)?.sync_all()?;
        fs::rename(&draft, &path)
    };
    write().map_err(|why| SpoolError::io("write", &path, why))?;
    sync_dir(&dir)?;
    Ok(document)
}

/// The newest reset that is installed for a lane. A file that is none counts as none:
/// a lane never begins anew by mistake.
///
/// # Errors
/// [`SpoolError::Io`] when it cannot be read.
pub fn installed_reset(
    spool: &Path,
    lane: Lane,
    keys: &KeySet,
) -> Result<Option<ResetDocument>, SpoolError> {
    let path = spool.join(lane.word()).join(NAME);
    let file = match fs::read(&path) {
        Ok(file) => file,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(SpoolError::io("read", &path, why)),
    };
    match ResetDocument::open(&file, keys) {
        Ok(document) if document.reset.lane == lane => Ok(Some(document)),
        Ok(_) => Ok(None),
        Err(why) => {
            tracing::error!(%lane, %why, "a file that is no reset lies where one would");
            Ok(None)
        }
    }
}

/// Where a lane goes on after an installed reset that its place has not reached yet;
/// `None` when there is none.
///
/// # Errors
/// [`SpoolError::Io`] when it cannot be read.
pub fn begins_anew(
    spool: &Path,
    lane: Lane,
    epoch: u32,
    keys: &KeySet,
) -> Result<Option<Ingested>, SpoolError> {
    let document = installed_reset(spool, lane, keys)?;
    let reset = document.map(|document| document.reset).filter(|one| one.new_epoch() > epoch);
    Ok(reset.map(|reset| Ingested { epoch: reset.new_epoch(), seq: 0, hash: reset.hash() }))
}
