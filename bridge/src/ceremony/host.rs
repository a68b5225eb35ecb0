//! The private keys of one host, and the files they live in.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use bridge_contract::digest::{Digest, hex};
use bridge_contract::keys::{KeyEntry, OpenKey, Purpose, SigningKey};
use bridge_contract::place::{Environment, Host, Lane, Tenant};
use platform_service::ids;
use zeroize::Zeroizing;

use super::{Part, Who};

/// Seal keys of a lane that a ceremony makes: one a week for a year.
pub const SEAL_KEYS: u32 = 53;

/// A host's new keys.
pub struct HostKeys {
    /// Private files by name, those of a lane in a folder of their own: only the host's user may read them.
    pub private: Vec<(String, Zeroizing<Vec<u8>>)>,
    /// What the root signs.
    pub part: Part,
    /// Gives every opening key of the host again. It goes into shares before any of
    /// them is written anywhere, and is kept nowhere else.
    pub seed: Zeroizing<[u8; 32]>,
}

impl HostKeys {
    /// Makes the keys of a host: one for connections, one for each lane it signs, and
    /// so many for each lane it opens.
    #[must_use]
    pub fn make(host: Host, tenant: Tenant, environment: Environment, seals: u32) -> Self {
        let seed = Zeroizing::new(ids::random::<32>());
        let (mut private, mut keys) = (Vec::new(), Vec::new());
        // Later keys of the same purpose have a later name.
        let batch = batch(&seed);
        let mut signing = |name: String, purpose| {
            let (key, document) = SigningKey::generate();
            keys.push(entry(purpose, key.verify_key().0));
            private.push((name, document));
        };
        signing("tls.key".to_owned(), Purpose::Transport(host));
        if host == Host::Sanitizer {
            signing("verdict.key".to_owned(), Purpose::Verdict);
        }
        for lane in Lane::ALL.iter().filter(|lane| lane.sender() == host) {
            signing(format!("sign.{}/{batch}.key", lane.dashed()), Purpose::Sign(*lane));
        }
        for (lane, key, name, bytes) in opening(host, &seed, seals) {
            keys.push(entry(Purpose::Seal(lane), key.seal_key().0));
            private.push((name, bytes));
        }
        let part = Part { tenant, environment, who: Who::Host(host), keys };
        Self { private, part, seed }
    }
}

/// The opening keys of a host again, from the seed that its shares give.
#[must_use]
pub fn restore_seals(
    host: Host,
    seed: &[u8; 32],
    seals: u32,
) -> Vec<(Lane, OpenKey, String, Zeroizing<Vec<u8>>)> {
    opening(host, seed, seals)
}

fn opening(
    host: Host,
    seed: &[u8; 32],
    seals: u32,
) -> Vec<(Lane, OpenKey, String, Zeroizing<Vec<u8>>)> {
    let lanes = Lane::ALL.iter().filter(|lane| lane.receiver() == host);
    let key = |lane: &Lane, number: u32| {
        let (key, bytes) = OpenKey::from_seed(seed, *lane, number);
        let name = format!("open.{}/{}-{number:03}.key", lane.dashed(), batch(seed));
        (*lane, key, name, Zeroizing::new(bytes.to_vec()))
    };
    lanes.flat_map(|lane| (0..seals).map(move |number| key(lane, number))).collect()
}

/// A short name for what was made together.
fn batch(seed: &[u8; 32]) -> String {
    hex(&Digest::tagged(b"madoguchi/batch/v1\0", seed).0[..4])
}

const fn entry(purpose: Purpose, public: [u8; 32]) -> KeyEntry {
    KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX }
}

/// Writes a private file that only its owner may read; never replaces one. Durable
/// when this returns.
///
/// # Errors
/// When it is there already or cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_new(path, bytes, 0o600)
}

/// Writes a file that everybody may read; never replaces one.
///
/// # Errors
/// When it is there already or cannot be written.
pub fn write_public(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_new(path, bytes, 0o644)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::File::open(dir)?.sync_all()
    };
    write().map_err(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NN-18: the seed in escrow gives back every opening key of the host, to the bit.
    #[test]
    fn the_seed_gives_every_opening_key_again() {
        let tenant = Tenant::parse("mirai").expect("a good name");
        let made = HostKeys::make(Host::Lgwan, tenant, Environment::Demo, 3);
        let again = restore_seals(Host::Lgwan, &made.seed, 3);
        assert_eq!(again.len(), 6, "three for each of the two lanes that L opens");
        for (lane, key, name, bytes) in again {
            let before = made.private.iter().find(|(known, _)| *known == name);
            assert_eq!(before.map(|(_, bytes)| bytes), Some(&bytes), "{name}");
            let listed = entry(Purpose::Seal(lane), key.seal_key().0);
            assert!(made.part.keys.contains(&listed), "{name}");
        }
        let other = HostKeys::make(Host::Lgwan, tenant, Environment::Demo, 3);
        assert!(other.part.keys.iter().all(|key| !made.part.keys.contains(key)));
        assert_eq!(Part::open(&made.part.to_bytes()), Ok(made.part));
    }
}
