//! A first complete set of keys for all hosts.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::{KeyEntry, KeySet, OpenKey, Purpose, SigningKey};
use crate::digest::hex;
use crate::place::{Environment, Host, Lane, Tenant};

/// The files of one host's key folder, by name.
pub struct NewHostKeys {
    /// The host.
    pub host: Host,
    /// Private files: only the host's user may read them.
    pub private: Vec<(String, Zeroizing<Vec<u8>>)>,
}

/// What a first installation needs.
pub struct NewKeys {
    /// One entry a host.
    pub hosts: Vec<NewHostKeys>,
    /// The signed key set, the same for every host.
    pub key_set: Vec<u8>,
    /// The root's public key in hexadecimal with a line end, for every host.
    pub root_public: String,
    /// The root's PKCS#8 document. It belongs in a safe, not on a host.
    pub root_private: Zeroizing<Vec<u8>>,
}

impl NewKeys {
    /// Writes a folder for each host (`i`, `s`, `l`, `a`, `b`) with only that
    /// host's private keys, and `offline/root.key` for the safe. Never replaces
    /// a file.
    ///
    /// # Errors
    /// When a file exists already or cannot be written.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        for host in &self.hosts {
            let folder = private_folder(&dir.join(host.host.word()))?;
            for (name, bytes) in &host.private {
                write_new(&folder.join(name), bytes, 0o600)?;
            }
            write_new(&folder.join("keyset"), &self.key_set, 0o644)?;
            write_new(&folder.join("root.pub"), self.root_public.as_bytes(), 0o644)?;
        }
        let safe = private_folder(&dir.join("offline"))?;
        write_new(&safe.join("root.key"), &self.root_private, 0o600)?;
        write_new(&safe.join("root.pub"), self.root_public.as_bytes(), 0o644)
    }
}

fn private_folder(path: &Path) -> io::Result<std::path::PathBuf> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    Ok(path.to_owned())
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let open = || fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = open().map_err(named)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(named)
}

/// Makes the keys of all lanes and hosts and signs version 1 of the key set.
#[must_use]
pub fn new_keys(tenant: Tenant, environment: Environment) -> NewKeys {
    let (root, root_private) = SigningKey::generate();
    let mut keys = Vec::new();
    let hosts = Host::ALL
        .iter()
        .map(|host| NewHostKeys { host: *host, private: host_keys(*host, &mut keys) })
        .collect();
    let set = KeySet { tenant, environment, version: 1, keys };
    NewKeys {
        hosts,
        key_set: set.sign(&root),
        root_public: hex(&root.verify_key().0) + "\n",
        root_private,
    }
}

fn host_keys(host: Host, listed: &mut Vec<KeyEntry>) -> Vec<(String, Zeroizing<Vec<u8>>)> {
    let mut files = Vec::new();
    let mut list = |purpose, public| {
        listed.push(KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX });
    };
    let mut signing = |name: String, purpose| {
        let (key, document) = SigningKey::generate();
        list(purpose, key.verify_key().0);
        files.push((name, document));
    };
    signing("tls.key".to_owned(), Purpose::Transport(host));
    if host == Host::Sanitizer {
        signing("verdict.key".to_owned(), Purpose::Verdict);
    }
    for lane in Lane::ALL.iter().filter(|lane| lane.sender() == host) {
        signing(format!("sign.{}.key", lane.dashed()), Purpose::Sign(*lane));
    }
    for lane in Lane::ALL.iter().filter(|lane| lane.receiver() == host) {
        let (key, bytes) = OpenKey::generate();
        list(Purpose::Seal(*lane), key.seal_key().0);
        let name = format!("open.{}.key", lane.dashed());
        files.push((name, Zeroizing::new(bytes.to_vec())));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyFault, KeyFolder};

    fn keys() -> NewKeys {
        new_keys(Tenant::parse("mirai").expect("a good name"), Environment::Demo)
    }

    /// NN-18: every host gets the private keys of its own part and no other.
    #[test]
    fn every_host_has_its_own_keys_only() {
        let dir = tempfile::tempdir().expect("a folder");
        keys().write(dir.path()).expect("written");
        for host in Host::ALL {
            let folder = KeyFolder::open(&dir.path().join(host.word())).expect("complete");
            assert!(folder.transport(*host).is_ok());
            assert_eq!(folder.verdict_signer().is_ok(), *host == Host::Sanitizer);
            for lane in Lane::ALL {
                assert_eq!(folder.signer(*lane).is_ok(), lane.sender() == *host, "{lane}");
                assert_eq!(folder.openers(*lane).is_ok(), lane.receiver() == *host, "{lane}");
            }
        }
        let again = keys().write(dir.path()).expect_err("never replaced");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_private_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        keys().write(dir.path()).expect("written");
        let path = dir.path().join("i/sign.raw.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changed");
        let folder = KeyFolder::open(&dir.path().join("i")).expect("complete");
        assert!(matches!(folder.signer(Lane::Raw), Err(KeyFault::TooOpen(_))));
    }

    #[test]
    fn a_key_that_is_not_in_the_key_set_is_not_used() {
        let dir = tempfile::tempdir().expect("a folder");
        keys().write(dir.path()).expect("written");
        let stranger = SigningKey::generate().1;
        fs::write(dir.path().join("i/sign.raw.key"), stranger).expect("replaced");
        let folder = KeyFolder::open(&dir.path().join("i")).expect("complete");
        assert!(matches!(folder.signer(Lane::Raw), Err(KeyFault::Missing(_))));
    }
}
