//! The frozen bytes of every message: what was once sent can always be read,
//! and means the same. A file in `golden/` is never changed; a new version of
//! a message gets a new file.

#[path = "golden/samples.rs"]
mod samples;

use std::path::PathBuf;

use bridge_contract::bundle::{Expect, verify};
use bridge_contract::digest::hex;
use bridge_contract::keys::{KeySet, OpenKey, SigningKey};
use bridge_contract::messages::{ToBusiness, ToCitizen, ToServerA, ToStaff};
use bridge_contract::place::{Environment, Lane, Tenant};
use bridge_contract::seal::{Aad, Series, open, seal};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn frozen(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("golden/{name}: {error}"))
}

/// NN-18: both zones read the same bytes the same way, release after release.
#[test]
fn every_message_has_the_bytes_it_always_had() {
    for (name, bytes) in samples::all() {
        assert_eq!(hex(&bytes), hex(&frozen(&name)), "golden/{name}");
    }
}

#[test]
fn every_frozen_message_reads_back() {
    samples::read_all(frozen);
}

/// NN-18: no byte of what operators, auditors and hosts hand to each other can be another
/// one and still mean the same.
#[test]
fn a_changed_byte_of_a_frozen_file_is_noticed() {
    for (name, reads) in samples::checked() {
        let good = frozen(name);
        assert!(reads(&good), "{name}");
        for place in 0..good.len() {
            for bit in [1, 0x80] {
                let mut changed = good.clone();
                changed[place] ^= bit;
                assert!(!reads(&changed), "{name}: byte {place} is another one");
            }
        }
        assert!(!reads(&good[..good.len() - 1]), "{name}: cut");
        assert!(!reads(&[good.as_slice(), b"x"].concat()), "{name}: longer");
    }
}

#[test]
fn every_kind_of_message_is_frozen() {
    let names: Vec<String> = samples::all().into_iter().map(|(name, _)| name).collect();
    let kinds = [
        ("to-staff", ToStaff::KINDS),
        ("to-citizen", ToCitizen::KINDS),
        ("to-business", ToBusiness::KINDS),
        ("to-server-a", ToServerA::KINDS),
    ];
    for (direction, kinds) in kinds {
        for (_, word) in kinds {
            let name = format!("{direction}.{word}.v1.bin");
            assert!(names.contains(&name), "no golden/{name}");
        }
    }
}

#[test]
fn the_frozen_bundle_verifies_with_the_frozen_key_set() {
    let root = SigningKey::from_seed(&samples::ROOT_SEED).expect("any seed is a key");
    let keys = KeySet::open(&frozen("keyset.v1.bin"), &root.verify_key(), 0).expect("signed");
    let file = frozen("bundle.v1.kb");
    let bundle = verify(&file, &Expect { lane: Lane::Raw, keys: &keys }).expect("verifies");
    assert_eq!(bundle.items.len(), 2);
}

/// A sealed item cannot be made twice, so the frozen one is opened instead.
#[test]
fn the_frozen_item_opens() {
    let key = OpenKey::from_bytes(&samples::OPEN_SEED).expect("32 bytes are a key");
    let content = open(&key, &frozen("item.v1.bin"), &aad()).expect("sealed for this key");
    assert_eq!(content.as_slice(), samples::ITEM_CONTENT);
    let content = open(&key, &frozen("item.v2.bin"), &aad()).expect("sealed for this key");
    assert_eq!(content.as_slice(), samples::ITEM_CONTENT);
}

fn aad() -> Aad<'static> {
    Aad {
        tenant: Tenant::parse("mirai-city").expect("a good name"),
        environment: Environment::Demo,
        lane: Lane::Raw,
        uuid: "00000000000000000000000042",
        kind: 2,
    }
}

/// Writes the files that are not there yet; never touches one that is.
#[test]
#[ignore = "run by hand after adding a message"]
fn freeze_what_is_new() {
    let key = OpenKey::from_bytes(&samples::OPEN_SEED).expect("32 bytes are a key");
    let item = seal(samples::ITEM_CONTENT, &key.seal_key(), &aad());
    let mut files = samples::all();
    files.push(("item.v1.bin".to_owned(), item));
    let series = Series::default();
    let _first = series.seal(samples::ITEM_CONTENT, &key.seal_key(), &aad());
    let second = series.seal(samples::ITEM_CONTENT, &key.seal_key(), &aad());
    files.push(("item.v2.bin".to_owned(), second));
    for (name, bytes) in files {
        if !path(&name).exists() {
            std::fs::write(path(&name), bytes).expect("the folder can be written");
        }
    }
}
