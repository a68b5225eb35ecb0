//! The zone's keys, read once at the start.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bridge_contract::Lane;
use bridge_contract::keys::{KeyFault, KeyFolder, LiveKeys, OpenKeys, SigningKeys};
use bridge_spool::open_keys;
use platform_audit::CheckpointKey;
use platform_service::secret;
use zeroize::Zeroizing;

/// Key of everything sealed at rest: 32 bytes.
const DRAFT: &str = "draft.key";
/// Key of the tokens in forms: 32 bytes.
const CSRF: &str = "csrf.key";
/// Key of the checkpoints of the operation log: Ed25519 in PKCS#8.
const AUDIT: &str = "audit.key";

/// The zone's keys.
pub struct Keys {
    /// Public keys of the installation.
    pub set: Arc<LiveKeys>,
    /// Sign bundles of applications.
    pub signer: SigningKeys,
    /// Open what is published by events.
    pub ctl: Arc<OpenKeys>,
    /// Open published documents.
    pub doc: Arc<OpenKeys>,
    /// Key of everything sealed at rest.
    pub draft: Zeroizing<[u8; 32]>,
    /// Key of the tokens in forms.
    pub csrf: Zeroizing<[u8; 32]>,
    /// Signs checkpoints of the operation log.
    pub audit: CheckpointKey,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    /// A key of the bridge.
    #[error(transparent)]
    Bridge(#[from] KeyFault),
    /// The key set names no key for the raw lane.
    #[error("the key set has no key to seal applications to")]
    NoSealKey,
    /// A key of this zone.
    #[error(transparent)]
    File(#[from] io::Error),
    /// The audit key.
    #[error("{AUDIT}: {0}")]
    Audit(String),
}

impl Keys {
    /// Opens all keys for work; a key set older than one this spool has seen is
    /// refused from then on.
    ///
    /// # Errors
    /// [`BadKeys`] names the file or purpose.
    pub fn open(folder: &Path, spool: &Path) -> Result<Self, BadKeys> {
        Self::from_bridge(&open_keys(folder, spool)?, folder)
    }

    /// Reads all keys without remembering anything: for checks and local commands.
    ///
    /// # Errors
    /// [`BadKeys`] names the file or purpose.
    pub fn read(folder: &Path) -> Result<Self, BadKeys> {
        Self::from_bridge(&KeyFolder::open(folder)?, folder)
    }

    fn from_bridge(bridge: &KeyFolder, folder: &Path) -> Result<Self, BadKeys> {
        bridge.set().seal_key(Lane::Raw).ok_or(BadKeys::NoSealKey)?;
        let audit = secret::read(&folder.join(AUDIT))?;
        Ok(Self {
            signer: bridge.signers(Lane::Raw)?,
            ctl: Arc::new(bridge.openers(Lane::PubCtl)?),
            doc: Arc::new(bridge.openers(Lane::PubDoc)?),
            draft: secret::read_key(&folder.join(DRAFT))?,
            csrf: secret::read_key(&folder.join(CSRF))?,
            audit: CheckpointKey::from_pkcs8(&audit).map_err(BadKeys::Audit)?,
            set: bridge.live(),
        })
    }

    /// Makes the keys that belong to this zone alone, where they are missing.
    /// Returns the names of those that were made.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn make_missing(folder: &Path) -> io::Result<Vec<&'static str>> {
        secret::make_missing(folder, &[DRAFT, CSRF], &[AUDIT])
    }
}
