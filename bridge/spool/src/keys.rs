//! The key folder of a host, with a memory of the newest key set: one that was
//! replaced cannot come back (§2.8).

use std::fs;
use std::path::Path;

use bridge_contract::keys::{KeyFault, KeyFolder};

/// Opens a key folder; refuses a key set older than any that a process with
/// this spool folder has used.
///
/// # Errors
/// [`KeyFault`] when the folder cannot be used or its key set was rolled back.
pub fn open_keys(keys: &Path, spool: &Path) -> Result<KeyFolder, KeyFault> {
    let path = spool.join("keyset.version");
    let seen = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
    let seen: u32 = seen.unwrap_or(0);
    let folder = KeyFolder::open_after(keys, seen)?;
    let version = folder.set().version;
    if version > seen {
        remember(spool, &path, version)
            .map_err(|why| KeyFault::Unreadable { path: path.clone(), why })?;
    }
    Ok(folder)
}

fn remember(spool: &Path, path: &Path, version: u32) -> std::io::Result<()> {
    fs::create_dir_all(spool)?;
    // Two processes of a host may start together; each has a draft of its own.
    let draft = spool.join(format!("keyset.version.{}", std::process::id()));
    fs::write(&draft, format!("{version}\n"))?;
    fs::File::open(&draft)?.sync_all()?;
    fs::rename(&draft, path)?;
    fs::File::open(spool)?.sync_all()
}

#[cfg(test)]
mod tests {
    use bridge_contract::keys::{KeySet, SigningKey, new_keys};
    use bridge_contract::place::{Environment, Tenant};

    use super::*;

    /// NN-18: a key set that was replaced is refused from then on.
    #[test]
    fn an_older_key_set_cannot_come_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let (keys, spool) = (dir.path().join("keys"), dir.path().join("spool"));
        let tenant = Tenant::parse("mirai").expect("a good name");
        let made = new_keys(tenant, Environment::Demo);
        made.write(&keys).expect("written");
        let host = keys.join("i");
        open_keys(&host, &spool).expect("version 1");

        let root = SigningKey::from_pkcs8(&made.root_private).expect("the root");
        let first = KeySet::open(&made.key_set, &root.verify_key(), 0).expect("signed");
        let second = KeySet { version: 2, ..first };
        fs::write(host.join("keyset"), second.sign(&root)).expect("written");
        open_keys(&host, &spool).expect("version 2");
        fs::write(host.join("keyset"), made.key_set).expect("written");
        let refused = open_keys(&host, &spool).err().expect("refused").to_string();
        assert!(refused.contains("older than version 2"), "{refused}");
    }
}
