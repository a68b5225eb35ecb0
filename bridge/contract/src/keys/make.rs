//! A first complete set of keys for all hosts.

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

/// What a first installation needs. Nothing is written to disk here.
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
