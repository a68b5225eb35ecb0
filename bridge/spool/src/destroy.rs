//! Destroying opening keys that the far end is done with: it holds nothing sealed to
//! them any more, and says so in its signed head. Each step may be the last before a
//! power cut; the next run does the rest.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use bridge_contract::head::Head;
use bridge_contract::keys::{KeyFault, KeyId, KeySet};
use bridge_contract::place::Lane;

use crate::keys::open_keys;

/// The keys of a lane that its sender is done with, by the newest head here.
#[must_use]
pub fn done_keys(spool: &Path, lane: Lane, keys: &KeySet) -> Vec<KeyId> {
    let head = fs::read(spool.join(lane.word()).join("head")).unwrap_or_default();
    Head::open(&head, lane, keys).map(|head| head.lists.done).unwrap_or_default()
}

/// Destroys the opening keys of a lane that its sender is done with; says which files
/// are gone. The last key that new items may be sealed to always stays.
///
/// # Errors
/// [`KeyFault`] when the key folder cannot be read or a file not be destroyed.
pub fn destroy_done(keys: &Path, spool: &Path, lane: Lane) -> Result<Vec<PathBuf>, KeyFault> {
    let folder = open_keys(keys, spool)?;
    let done = done_keys(spool, lane, folder.set());
    let last = folder.set().seal_keys(lane).last().map(|key| key.id());
    let mut gone = Vec::new();
    if done.is_empty() {
        return Ok(gone);
    }
    for (path, key) in folder.opening_files(lane)? {
        let id = key.seal_key().id();
        if done.contains(&id) && Some(id) != last {
            destroy(&path).map_err(|why| KeyFault::Unreadable { path: path.clone(), why })?;
            gone.push(path);
        }
    }
    // What a power cut left after overwriting is no key any more.
    for path in
        leftovers(keys, lane).map_err(|why| KeyFault::Unreadable { path: keys.to_owned(), why })?
    {
        fs::remove_file(&path).map_err(|why| KeyFault::Unreadable { path, why })?;
    }
    Ok(gone)
}

/// Takes the name of a key from the file, so that nobody reads it half overwritten,
/// then overwrites it, then removes it.
fn destroy(path: &Path) -> io::Result<()> {
    let dir = path.parent().unwrap_or(path);
    let dying = path.with_extension("dying");
    fs::rename(path, &dying)?;
    sync(dir)?;
    overwrite(&dying)?;
    fs::remove_file(&dying)?;
    sync(dir)
}

fn overwrite(path: &Path) -> io::Result<()> {
    let size = usize::try_from(fs::metadata(path)?.len()).unwrap_or(0);
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&vec![0; size])?;
    file.sync_all()
}

fn leftovers(keys: &Path, lane: Lane) -> io::Result<Vec<PathBuf>> {
    let name = format!("open.{}", lane.dashed());
    let (own, prefix) = (keys.join(&name), format!("{name}."));
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(keys)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(&prefix) {
            paths.push(path);
        }
    }
    if own.is_dir() {
        for entry in fs::read_dir(own)? {
            paths.push(entry?.path());
        }
    }
    let mut found = Vec::new();
    for path in paths {
        if path.extension().is_some_and(|ending| ending == "dying") {
            match overwrite(&path) {
                Err(why) if why.kind() == ErrorKind::NotFound => {}
                done => {
                    done?;
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use bridge_contract::bundle::Signer;
    use bridge_contract::digest::Digest;
    use bridge_contract::head::Lists;
    use bridge_contract::keys::{KeyEntry, KeyFolder, OpenKey, Purpose, SigningKey, new_keys};
    use bridge_contract::place::{Environment, Tenant};
    use jiff::Timestamp;

    use super::*;

    /// Host S with a second opening key for `raw`, and I, who signs its heads.
    struct Town {
        dir: tempfile::TempDir,
        first: KeyId,
        second: KeyId,
    }

    impl Town {
        fn new() -> Self {
            let dir = tempfile::tempdir().expect("a folder");
            let made = new_keys(Tenant::parse("mirai").expect("a good name"), Environment::Demo);
            let keys = dir.path().join("keys");
            made.write(&keys).expect("written");
            let root = SigningKey::from_pkcs8(&made.root_private).expect("the root");
            let mut set = KeySet::open(&made.key_set, &root.verify_key(), 0).expect("signed");
            let (key, bytes) = OpenKey::generate();
            let purpose = Purpose::Seal(Lane::Raw);
            let first = set.seal_key(Lane::Raw).expect("listed").id();
            let public = key.seal_key().0;
            set.keys.push(KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX });
            set.version = 2;
            let path = keys.join("s/open.raw.2.key");
            fs::write(&path, *bytes).expect("written");
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(&path, private).expect("changed");
            for host in ["s", "i"] {
                fs::write(keys.join(host).join("keyset"), set.sign(&root)).expect("written");
            }
            fs::create_dir_all(dir.path().join("spool/raw")).expect("made");
            Self { dir, first, second: key.seal_key().id() }
        }

        fn keys(&self) -> PathBuf {
            self.dir.path().join("keys/s")
        }

        fn spool(&self) -> PathBuf {
            self.dir.path().join("spool")
        }

        /// A head that says so, signed with the key of a lane's signer.
        fn says(&self, done: Vec<KeyId>, host: &str, lane: Lane) {
            let folder = KeyFolder::open(&self.dir.path().join("keys").join(host)).expect("keys");
            let key = folder.signer(lane).expect("a key of this host");
            let set = folder.set();
            let signer = Signer {
                tenant: set.tenant,
                environment: set.environment,
                key_set_version: 2,
                key: &key,
            };
            let lists = Lists { recent: Vec::new(), done, troubles: Vec::new() };
            let place = (1, 9, Digest::ZERO);
            let head = Head::sign_with(Lane::Raw, place, lists, Timestamp::UNIX_EPOCH, &signer);
            fs::write(self.spool().join("raw/head"), head).expect("written");
        }

        fn destroyed(&self) -> usize {
            destroy_done(&self.keys(), &self.spool(), Lane::Raw).expect("readable").len()
        }

        fn held(&self) -> Vec<KeyId> {
            let folder = KeyFolder::open(&self.keys()).expect("keys");
            let files = folder.opening_files(Lane::Raw).expect("readable");
            files.into_iter().map(|(_, key)| key.seal_key().id()).collect()
        }
    }

    /// NF-32: a key goes only on the signed word of the lane's sender.
    #[test]
    fn a_key_is_destroyed_on_the_senders_word_only() {
        let town = Town::new();
        assert_eq!(town.destroyed(), 0, "nobody said anything");
        town.says(vec![town.first], "s", Lane::In);
        assert_eq!(town.destroyed(), 0, "the key of another lane signed it");
        town.says(vec![KeyId([7; 8])], "i", Lane::Raw);
        assert_eq!((town.destroyed(), town.held().len()), (0, 2));
        town.says(vec![town.first], "i", Lane::Raw);
        assert_eq!((town.destroyed(), town.held()), (1, vec![town.second]));
        town.says(vec![town.first, town.second], "i", Lane::Raw);
        assert_eq!((town.destroyed(), town.held()), (0, vec![town.second]), "the last one stays");
    }

    /// NF-32: a power cut between any two steps leaves a folder that opens, and no key
    /// that is half destroyed.
    #[test]
    fn destroying_may_stop_anywhere() {
        let town = Town::new();
        town.says(vec![town.first], "i", Lane::Raw);
        let (path, dying) = (town.keys().join("open.raw.key"), town.keys().join("open.raw.dying"));
        fs::rename(&path, &dying).expect("the first step");
        assert_eq!(town.held(), [town.second], "the folder opens");
        assert_eq!(town.destroyed(), 0);
        assert!(!dying.exists(), "what was left is gone");

        let town = Town::new();
        town.says(vec![town.first], "i", Lane::Raw);
        fs::rename(town.keys().join("open.raw.key"), town.keys().join("open.raw.dying"))
            .expect("renamed");
        overwrite(&town.keys().join("open.raw.dying")).expect("the second step");
        town.destroyed();
        assert!(!town.keys().join("open.raw.dying").exists());
    }
}
