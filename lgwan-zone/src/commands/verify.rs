//! `audit verify`: whether the operation log is as it was written (NF-43).

use lgwan_zone_store::audit::{self, CheckpointKey, Verdict};
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
}

/// Walks the whole log; with a checkpoint key in the settings, its signed
/// checkpoints too.
///
/// # Errors
/// [`VerifyError`] when it cannot be read.
pub async fn verify_audit(config: &Config) -> Result<Verdict, VerifyError> {
    let key = match &config.folders.checkpoint_key {
        None => None,
        Some(path) => {
            let bytes = secret::read(path).map_err(StartError::io("checkpoint key"))?;
            Some(CheckpointKey::from_pkcs8(&bytes).map_err(StartError::Checkpoint)?)
        }
    };
    let store = parts::open_store(config)?;
    Ok(store.read(move |db| audit::verify(db, key.as_ref())).await?)
}
