//! A host's key folder: its private keys, the key set and the root's public
//! key. `docs/wire/keyset.md` names the files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    BadKeySet, KeyId, KeySet, LiveKeys, OpenKey, Purpose, SigningKey, SigningKeys, VerifyKey,
};
use crate::digest::unhex;
use crate::place::{Host, Lane};
use crate::seal::{Aad, Plain, Unopened, open};

/// Why a key folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// A file cannot be read.
    #[error("key file {}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        why: io::Error,
    },
    /// A file holds no key of the expected kind.
    #[error("key file {}: not a key of the expected kind", .0.display())]
    NotAKey(PathBuf),
    /// Others than the owner can read a private key.
    #[error("key file {}: must be readable by its owner only (chmod 600)", .0.display())]
    TooOpen(PathBuf),
    /// The key set is refused.
    #[error("key set: {0}")]
    KeySet(#[from] BadKeySet),
    /// No private key in the folder is listed in the key set for this purpose.
    #[error("no key listed in the key set for {0:?} is in the key folder")]
    Missing(Purpose),
}

/// A host's keys. Private keys are read when asked for, so that a process
/// holds no more than it uses.
pub struct KeyFolder {
    dir: PathBuf,
    root: VerifyKey,
    set: KeySet,
}

impl KeyFolder {
    /// Opens a folder and verifies its key set with its `root.pub`.
    ///
    /// # Errors
    /// [`KeyFault`] when a file is missing or the key set is not signed by the root.
    pub fn open(dir: &Path) -> Result<Self, KeyFault> {
        Self::open_after(dir, 0)
    }

    /// Opens a folder, refusing a key set older than version `seen`.
    ///
    /// # Errors
    /// [`KeyFault`] when a file is missing, or the key set is not signed by
    /// the root or was rolled back.
    pub fn open_after(dir: &Path, seen: u32) -> Result<Self, KeyFault> {
        let root = Self::read_root(dir)?;
        let set = KeySet::open(&read(&dir.join("keyset"))?, &root, seen)?;
        let dir = dir.to_owned();
        Ok(Self { dir, root, set })
    }

    /// The root's public key in a folder, which may have no key set yet.
    ///
    /// # Errors
    /// [`KeyFault`] when it is missing or no key.
    pub fn read_root(dir: &Path) -> Result<VerifyKey, KeyFault> {
        let path = dir.join("root.pub");
        let text = read(&path)?;
        let root = std::str::from_utf8(&text).ok().and_then(|text| unhex(text.trim_end()));
        root.map(VerifyKey).ok_or(KeyFault::NotAKey(path))
    }

    /// Takes a newer key set over, for which the folder's own is too old.
    ///
    /// # Errors
    /// [`BadKeySet`] when it does not follow the folder's own.
    pub fn take_over(&mut self, file: &[u8]) -> Result<(), BadKeySet> {
        let set = KeySet::open(file, &self.root, self.set.version)?;
        set.follows(&self.set)?;
        self.set = set;
        Ok(())
    }

    /// The root's public key.
    #[must_use]
    pub const fn root(&self) -> &VerifyKey {
        &self.root
    }

    /// The key set as a running process holds it.
    #[must_use]
    pub fn live(&self) -> Arc<LiveKeys> {
        Arc::new(LiveKeys::new(self.set.clone(), self.root))
    }

    /// The verified key set.
    #[must_use]
    pub const fn set(&self) -> &KeySet {
        &self.set
    }

    /// The key that signs bundles of a lane.
    ///
    /// # Errors
    /// [`KeyFault`] when there is none or it cannot be read.
    pub fn signer(&self, lane: Lane) -> Result<SigningKey, KeyFault> {
        self.signing_key(&format!("sign.{}", lane.dashed()), Purpose::Sign(lane))
    }

    /// The keys that sign bundles of a lane: the one in use and those that follow,
    /// whether the key set lists them yet or not.
    ///
    /// # Errors
    /// [`KeyFault`] when none is listed or one cannot be read.
    pub fn signers(&self, lane: Lane) -> Result<SigningKeys, KeyFault> {
        self.signer(lane)?;
        let mut keys = Vec::new();
        for path in self.files(&format!("sign.{}", lane.dashed()))?.into_iter().rev() {
            let document = read_private(&path)?;
            keys.push(SigningKey::from_pkcs8(&document).ok_or(KeyFault::NotAKey(path))?);
        }
        Ok(SigningKeys::new(keys))
    }

    /// The key that signs verdicts on attachments.
    ///
    /// # Errors
    /// [`KeyFault`] when there is none or it cannot be read.
    pub fn verdict_signer(&self) -> Result<SigningKey, KeyFault> {
        self.signing_key("verdict", Purpose::Verdict)
    }

    /// The file with the verdict key, for the sanitizer process.
    #[must_use]
    pub fn verdict_key_path(&self) -> PathBuf {
        self.dir.join("verdict.key")
    }

    /// The key this host shows on connections, and its PKCS#8 document.
    ///
    /// # Errors
    /// [`KeyFault`] when there is none or it cannot be read.
    pub fn transport(&self, host: Host) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
        let path = self.dir.join("tls.key");
        let document = read_private(&path)?;
        let key = SigningKey::from_pkcs8(&document).ok_or(KeyFault::NotAKey(path))?;
        let purpose = Purpose::Transport(host);
        if self.set.lists(purpose, &key.verify_key().0) {
            Ok(document)
        } else {
            Err(KeyFault::Missing(purpose))
        }
    }

    /// Every key that opens items of a lane: the one in use, those retired, and those
    /// to come, whether the key set lists them yet or not.
    ///
    /// # Errors
    /// [`KeyFault`] when none is listed or one cannot be read.
    pub fn openers(&self, lane: Lane) -> Result<OpenKeys, KeyFault> {
        let purpose = Purpose::Seal(lane);
        let keys: Vec<OpenKey> =
            self.opening_files(lane)?.into_iter().map(|(_, key)| key).collect();
        if keys.iter().any(|key| self.set.lists(purpose, &key.seal_key().0)) {
            Ok(OpenKeys::new(keys))
        } else {
            Err(KeyFault::Missing(purpose))
        }
    }

    /// The files that hold the opening keys of a lane.
    ///
    /// # Errors
    /// [`KeyFault`] when one cannot be read.
    pub fn opening_files(&self, lane: Lane) -> Result<Vec<(PathBuf, OpenKey)>, KeyFault> {
        let read = |path: PathBuf| {
            let key = OpenKey::from_bytes(&read_private(&path)?);
            Ok((path.clone(), key.ok_or(KeyFault::NotAKey(path))?))
        };
        self.files(&format!("open.{}", lane.dashed()))?.into_iter().map(read).collect()
    }

    fn signing_key(&self, name: &str, purpose: Purpose) -> Result<SigningKey, KeyFault> {
        for path in self.files(name)? {
            let document = read_private(&path)?;
            let key = SigningKey::from_pkcs8(&document).ok_or(KeyFault::NotAKey(path))?;
            if self.set.lists(purpose, &key.verify_key().0) {
                return Ok(key);
            }
        }
        Err(KeyFault::Missing(purpose))
    }

    /// The files of a key, last name first: `NAME.key`, `NAME.ANYTHING.key`, everything in the
    /// folder `NAME`, and what systemd makes of that folder, `NAME_ANYTHING.key`.
    fn files(&self, name: &str) -> Result<Vec<PathBuf>, KeyFault> {
        let own = |file: &str| {
            let rest = file.strip_prefix(name).filter(|rest| rest.starts_with(['.', '_']));
            rest.is_some_and(|rest| rest.ends_with(".key"))
        };
        let mut found = named(&self.dir, own)?;
        let folder = self.dir.join(name);
        if folder.is_dir() {
            found.extend(named(&folder, |file| file.ends_with(".key"))?);
        }
        found.sort();
        found.reverse();
        Ok(found)
    }
}

/// Files of a folder with a name that is wanted.
fn named(dir: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, KeyFault> {
    let unreadable = |why| KeyFault::Unreadable { path: dir.to_owned(), why };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(&wanted) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The keys that open items of one lane, found by the id in each item.
#[derive(Debug)]
pub struct OpenKeys(Vec<OpenKey>);

impl OpenKeys {
    /// Keys from elsewhere than a folder.
    #[must_use]
    pub const fn new(keys: Vec<OpenKey>) -> Self {
        Self(keys)
    }

    /// Opens a sealed item with the key it names.
    ///
    /// # Errors
    /// [`Unopened`] when no key fits or the item was changed.
    pub fn open(&self, sealed: &[u8], aad: &Aad<'_>) -> Result<Plain, Unopened> {
        let id: KeyId = crate::seal::key_id(sealed)?;
        let key = self.0.iter().find(|key| key.seal_key().id() == id);
        open(key.ok_or(Unopened::UnknownKey(id))?, sealed, aad)
    }

    /// Opens an item that came in bundle `seq`: the key must be listed for the lane
    /// and the number (I8).
    ///
    /// # Errors
    /// [`Unopened`] when it may not be used here, no key fits or the item was changed.
    pub fn open_in(
        &self,
        set: &KeySet,
        seq: u64,
        sealed: &[u8],
        aad: &Aad<'_>,
    ) -> Result<Plain, Unopened> {
        let id: KeyId = crate::seal::key_id(sealed)?;
        if set.may_be_sealed_to(aad.lane, id, seq) {
            self.open(sealed, aad)
        } else {
            Err(Unopened::NotForThis(id))
        }
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let bytes =
        std::fs::read(path).map_err(|why| KeyFault::Unreadable { path: path.to_owned(), why })?;
    Ok(Zeroizing::new(bytes))
}

fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    use std::os::unix::fs::PermissionsExt as _;
    let unreadable = |why| KeyFault::Unreadable { path: path.to_owned(), why };
    let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyFault::TooOpen(path.to_owned()));
    }
    read(path)
}
