//! The key folder of a host, with a memory of the newest key set: one that was
//! replaced cannot come back (§2.8).
//!
//! ```text
//! keys install ─► <keys>/keyset       read by processes that start
//!              ─► <spool>/keyset      read by processes that run, behind their walls too
//! ```
//! Both are signed by the root, so it does not matter who could write them.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::digest::hex;
use bridge_contract::keys::{BadKeySet, KeyFault, KeyFolder, KeySet, LiveKeys};
use platform_service::ids;
use platform_service::shutdown::Shutdown;

/// How often a running process looks for a newer key set.
const LOOK: Duration = Duration::from_secs(2);
const VERSION: &str = "keyset.version";
const COPY: &str = "keyset";

/// Opens a key folder; refuses a key set older than any that a process with
/// this spool folder has used. When the newest installed one is in the spool only,
/// that one counts.
///
/// # Errors
/// [`KeyFault`] when the folder cannot be used or its key set was rolled back.
pub fn open_keys(keys: &Path, spool: &Path) -> Result<KeyFolder, KeyFault> {
    let seen = newest_seen(spool);
    let mut folder = KeyFolder::open_after(keys, 0)?;
    if let Ok(copy) = fs::read(spool.join(COPY)) {
        // Whatever else lies there is no key set of ours and changes nothing.
        let _ = folder.take_over(&copy);
    }
    let found = folder.set().version;
    if found < seen {
        return Err(BadKeySet::RolledBack { found, seen }.into());
    }
    if found > seen {
        remember(spool, found)
            .map_err(|why| KeyFault::Unreadable { path: spool.join(VERSION), why })?;
    }
    Ok(folder)
}

/// The newest version that a process with this spool folder has used.
#[must_use]
pub fn newest_seen(spool: &Path) -> u32 {
    let seen = fs::read_to_string(spool.join(VERSION)).ok();
    seen.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Makes a newer key set the one of this host, durably. Running processes take it
/// over within seconds. Doing it again after a crash brings it to its end.
///
/// # Errors
/// [`KeyFault`] when it is not signed by the root, older than one seen before, or
/// cannot be written.
pub fn install_keys(file: &[u8], keys: &Path, spool: &Path) -> Result<KeySet, KeyFault> {
    let (set, seen) = (acceptable(file, keys)?, newest_seen(spool));
    if set.version < seen {
        return Err(BadKeySet::RolledBack { found: set.version, seen }.into());
    }
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |why| KeyFault::Unreadable { path, why }
    };
    replace(keys, COPY, file).map_err(unwritable(&keys.join(COPY)))?;
    fs::create_dir_all(spool).map_err(unwritable(spool))?;
    if set.version > seen {
        remember(spool, set.version).map_err(unwritable(&spool.join(VERSION)))?;
    }
    replace(spool, COPY, file).map_err(unwritable(&spool.join(COPY)))?;
    Ok(set)
}

/// A key set that may be installed, read without installing it.
///
/// # Errors
/// [`KeyFault`] when it is not signed by the root, or does not follow the installed one.
pub fn acceptable(file: &[u8], keys: &Path) -> Result<KeySet, KeyFault> {
    if !keys.join(COPY).exists() {
        return Ok(KeySet::open(file, &KeyFolder::read_root(keys)?, 0)?);
    }
    let mut folder = KeyFolder::open_after(keys, 0)?;
    folder.take_over(file)?;
    Ok(folder.set().clone())
}

/// Takes newer key sets over while a process runs, until told to stop.
pub async fn watch_keys(live: Arc<LiveKeys>, spool: PathBuf, shutdown: Shutdown) {
    let mut refused = None;
    loop {
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let (keys, spool) = (Arc::clone(&live), spool.clone());
        let looked = tokio::task::spawn_blocking(move || look(&keys, &spool)).await;
        match looked {
            Ok(Ok(true)) => {
                let version = live.set().version;
                tracing::info!(version, "a newer key set is in use");
            }
            Ok(Ok(false)) => refused = None,
            Ok(Err(why)) => {
                let why = Some(why.to_string());
                if refused != why {
                    tracing::error!(
                        why = why.as_deref(),
                        "the installed key set is not taken over"
                    );
                    refused = why;
                }
            }
            Err(error) => tracing::error!(%error, "looking for a key set failed"),
        }
    }
}

/// Looks once for a newer key set; says whether there was one.
///
/// # Errors
/// [`KeyFault`] when what was installed is not acceptable or cannot be remembered.
pub fn look(live: &LiveKeys, spool: &Path) -> Result<bool, KeyFault> {
    let path = spool.join(COPY);
    let file = match fs::read(&path) {
        Ok(file) => file,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(false),
        Err(why) => return Err(KeyFault::Unreadable { path, why }),
    };
    let newer = live.replace(&file)?;
    if newer {
        remember(spool, live.set().version).map_err(|why| KeyFault::Unreadable { path, why })?;
    }
    Ok(newer)
}

fn remember(spool: &Path, version: u32) -> io::Result<()> {
    fs::create_dir_all(spool)?;
    if newest_seen(spool) < version {
        replace(spool, VERSION, format!("{version}\n").as_bytes())?;
    }
    Ok(())
}

/// Replaces a file; the old or the new one is there after a power cut.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // Two processes of a host may write together; each has a draft of its own.
    let draft = dir.join(format!("{name}.{}", hex(&ids::random::<8>())));
    fs::write(&draft, bytes)?;
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, dir.join(name))?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use bridge_contract::keys::{NewKeys, SigningKey, new_keys};
    use bridge_contract::place::{Environment, Tenant};

    use super::*;

    struct Host {
        dir: tempfile::TempDir,
        root: SigningKey,
        made: NewKeys,
    }

    impl Host {
        fn new() -> Self {
            let dir = tempfile::tempdir().expect("a folder");
            let made = new_keys(Tenant::parse("mirai").expect("a good name"), Environment::Demo);
            made.write(&dir.path().join("keys")).expect("written");
            let root = SigningKey::from_pkcs8(&made.root_private).expect("the root");
            Self { dir, root, made }
        }

        fn keys(&self) -> PathBuf {
            self.dir.path().join("keys/i")
        }

        fn spool(&self) -> PathBuf {
            self.dir.path().join("spool")
        }

        fn version(&self, version: u32) -> Vec<u8> {
            let first = KeySet::open(&self.made.key_set, &self.root.verify_key(), 0);
            KeySet { version, ..first.expect("signed") }.sign(&self.root)
        }
    }

    /// NN-18: a key set that was replaced is refused from then on, also after a restart.
    #[test]
    fn an_older_key_set_cannot_come_back() {
        let host = Host::new();
        open_keys(&host.keys(), &host.spool()).expect("version 1");
        install_keys(&host.version(2), &host.keys(), &host.spool()).expect("version 2");
        assert_eq!(open_keys(&host.keys(), &host.spool()).expect("version 2").set().version, 2);
        let refused = install_keys(&host.version(1), &host.keys(), &host.spool());
        assert!(refused.expect_err("older").to_string().contains("older than version 2"));

        fs::write(host.keys().join("keyset"), &host.made.key_set).expect("written");
        fs::remove_file(host.spool().join("keyset")).expect("removed");
        let refused = open_keys(&host.keys(), &host.spool()).err().expect("refused").to_string();
        assert!(refused.contains("older than version 2"), "{refused}");
    }

    /// NF-32: a power cut between two steps of an installation leaves a host that
    /// starts, and the installation is brought to its end by doing it again.
    #[test]
    fn an_installation_may_stop_anywhere() {
        let host = Host::new();
        let (keys, spool, second) = (host.keys(), host.spool(), host.version(2));
        let live = open_keys(&keys, &spool).expect("version 1").live();
        replace(&keys, COPY, &second).expect("the first step");
        assert_eq!(open_keys(&keys, &spool).expect("it starts").set().version, 2);
        assert!(!look(&live, &spool).expect("nothing to see"), "not there yet");
        install_keys(&second, &keys, &spool).expect("again");
        assert!(look(&live, &spool).expect("signed"), "a running process takes it over");
        assert_eq!(live.set().version, 2);
        fs::write(spool.join("keyset"), b"rubbish").expect("written");
        assert!(look(&live, &spool).is_err());
        assert_eq!(open_keys(&keys, &spool).expect("it starts").set().version, 2);
    }
}
