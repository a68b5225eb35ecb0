//! `audit verify`: whether the operation log is as it was written (NF-43).

use std::path::Path;
use std::sync::Arc;

use lgwan_zone_store::audit::{self, Anchor, CheckpointKey, Log, Verdict};
use lgwan_zone_store::retention;
use platform_service::secret;
use platform_store::StoreError;

use crate::config::Config;
use crate::parts::{self, StartError};

/// Why the log cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The service's own parts.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of anchors.
    #[error("anchors: {0}")]
    Anchors(String),
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// This zone's log.
    pub own: Walked,
    /// What is kept of the citizens' zone's log.
    pub other: Walked,
    /// What was deleted on purpose.
    pub tombstones: Verdict,
}

/// A log.
#[derive(Clone, Debug)]
pub struct Walked {
    /// Events up to this number went when their time was over; 0 when none did.
    pub gone: i64,
    /// What the walk behind them found.
    pub verdict: Verdict,
}

/// Walks the tombstones and the whole log; with a checkpoint key in the settings, its signed
/// checkpoints too, and with a file of anchors what the citizens' zone was told.
/// Then walks what is kept of the citizens' zone's log.
///
/// # Errors
/// [`VerifyError`] when it cannot be read.
pub async fn verify_audit(
    config: &Config,
    anchors: Option<&Path>,
) -> Result<Verified, VerifyError> {
    let anchors = anchors.map(read_anchors).transpose()?.unwrap_or_default();
    let key = match &config.folders.checkpoint_key {
        None => None,
        Some(path) => {
            let bytes = secret::read(path).map_err(StartError::io("checkpoint key"))?;
            Some(Arc::new(CheckpointKey::from_pkcs8(&bytes).map_err(StartError::Checkpoint)?))
        }
    };
    let store = parts::open_store(config)?;
    let checks = key.clone();
    let unfit = store.read(move |db| audit::verify_anchors(db, checks.as_deref(), &anchors));
    let own = match unfit.await? {
        Some(broken) => broken,
        None => audit::verify(&store, key.clone(), Log::Own).await?,
    };
    let other = audit::verify(&store, None, Log::Other).await?;
    let tombstones = retention::verify(&store, key).await?;
    let floors = store.read(|db| Ok((audit::floor(db, Log::Own)?, audit::floor(db, Log::Other)?)));
    let (gone, gone_there) = floors.await?;
    Ok(Verified {
        own: Walked { gone, verdict: own },
        other: Walked { gone: gone_there, verdict: other },
        tombstones,
    })
}

/// Reads what `internet-zone audit-anchors` printed.
fn read_anchors(path: &Path) -> Result<Vec<Anchor>, VerifyError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| VerifyError::Anchors(format!("{}: {error}", path.display())))?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(line, number)| {
            let bad = || VerifyError::Anchors(format!("line {number} is not an anchor"));
            Anchor::parse(line).ok_or_else(bad)
        })
        .collect()
}
