use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::digest::Digest;
use crate::keys::{KeyEntry, KeySet, Purpose, SigningKey};
use crate::place::{Environment, Lane, Tenant};

struct Sender {
    key: SigningKey,
    keys: KeySet,
}

impl Sender {
    fn new() -> Self {
        let key = SigningKey::from_seed(&[7; 32]).expect("any seed is a key");
        let entry = KeyEntry {
            purpose: Purpose::Sign(Lane::Raw),
            public: key.verify_key().0,
            valid_from: 1,
            valid_until: 100,
        };
        let keys = KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version: 1,
            keys: vec![entry],
        };
        Self { key, keys }
    }

    fn build(&self, lane: Lane, seq: u64, items: &[NewItem]) -> Built {
        let draft = Draft { lane, epoch: 1, seq, prev: Digest::ZERO, at: Timestamp::UNIX_EPOCH };
        let signer = Signer {
            tenant: self.keys.tenant,
            environment: self.keys.environment,
            key_set_version: 1,
            key: &self.key,
        };
        build(&draft, items, &signer)
    }

    fn verify<'a>(&self, file: &'a [u8]) -> Result<Bundle<'a>, BundleFault> {
        let lane = Lane::Raw;
        verify(file, &Expect { lane, keys: &self.keys })
    }
}

fn items() -> Vec<NewItem> {
    let item = |uuid: &str, sealed: &[u8]| NewItem {
        uuid: uuid.to_owned(),
        kind: 2,
        stamp: b"stamp".to_vec(),
        sealed: sealed.to_vec(),
    };
    vec![item("one", b"first"), item("two", b""), item("three", &[9; 3000])]
}

#[test]
fn a_bundle_gives_back_its_items() {
    let sender = Sender::new();
    let built = sender.build(Lane::Raw, 5, &items());
    let bundle = sender.verify(&built.bytes).expect("just built");
    assert_eq!(bundle.verified.hash, built.envelope.header.hash());
    let back: Vec<NewItem> = bundle
        .items
        .into_iter()
        .map(|item| NewItem {
            uuid: item.entry.uuid,
            kind: item.entry.kind,
            stamp: item.entry.stamp,
            sealed: item.sealed.to_vec(),
        })
        .collect();
    assert_eq!(back, items());
}

/// I5: a bundle rebuilt from what the sender kept is byte-identical.
#[test]
fn a_rebuilt_bundle_is_byte_identical() {
    let built = Sender::new().build(Lane::Raw, 5, &items());
    assert_eq!(built.bytes, Sender::new().build(Lane::Raw, 5, &items()).bytes);
    assert_eq!(rebuild(&built.envelope, &items()), Some(built.bytes));
    assert_eq!(rebuild(&built.envelope, &items()[..2]), None);
}

/// I8: a key works only for its lane and its numbers.
#[test]
fn a_bundle_of_another_lane_or_number_is_refused() {
    let sender = Sender::new();
    let other = sender.build(Lane::PubCtl, 5, &items()).bytes;
    assert_eq!(sender.verify(&other).unwrap_err(), BundleFault::NotOurs);
    let late = sender.build(Lane::Raw, 101, &items()).bytes;
    let id = sender.key.verify_key().id();
    assert_eq!(sender.verify(&late).unwrap_err(), BundleFault::UnknownSigner(id));
    let stranger = Sender { key: SigningKey::generate().0, keys: sender.keys.clone() };
    let forged = stranger.build(Lane::Raw, 5, &items()).bytes;
    let id = stranger.key.verify_key().id();
    assert_eq!(sender.verify(&forged).unwrap_err(), BundleFault::UnknownSigner(id));
}

/// NN-20, I8: what another town signed, or the same town in another environment, is refused, although
/// its signing key is known here.
#[test]
fn a_bundle_of_another_town_or_environment_is_refused() {
    let ours = Sender::new();
    let mut another_town = Sender::new();
    another_town.keys.tenant = Tenant::parse("minato").expect("a good name");
    let mut in_earnest = Sender::new();
    in_earnest.keys.environment = Environment::Production;
    assert!(ours.verify(&Sender::new().build(Lane::Raw, 5, &items()).bytes).is_ok());
    for stranger in [another_town, in_earnest] {
        let theirs = stranger.build(Lane::Raw, 5, &items()).bytes;
        assert!(stranger.verify(&theirs).is_ok(), "at home it is good");
        assert_eq!(ours.verify(&theirs).unwrap_err(), BundleFault::NotOurs);
    }
}

/// NN-18, I7: every single changed byte and every cut is noticed.
#[test]
fn no_byte_can_be_changed_and_no_end_cut() {
    let sender = Sender::new();
    let file = sender.build(Lane::Raw, 5, &items()[..2]).bytes;
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 0x40;
        assert!(sender.verify(&changed).is_err(), "byte {place}");
        assert!(sender.verify(&file[..place]).is_err(), "cut at {place}");
    }
    let longer = [file.as_slice(), b"x"].concat();
    assert!(matches!(sender.verify(&longer), Err(BundleFault::Size { .. })));
}

/// I7: a signature that does not fit is found before the body is looked at.
#[test]
fn the_prefix_is_verified_alone() {
    let sender = Sender::new();
    let file = sender.build(Lane::Raw, 5, &items()).bytes;
    let expect = Expect { lane: Lane::Raw, keys: &sender.keys };
    let verified = verify_prefix(&file[..PREFIX_BYTES], &expect).expect("just built");
    assert_eq!(verified.file_bytes(), file.len() as u64);
    let mut unsigned = file[..PREFIX_BYTES].to_vec();
    unsigned[HEADER_BYTES] ^= 1;
    assert_eq!(verify_prefix(&unsigned, &expect), Err(BundleFault::BadSignature));
}

#[test]
fn an_empty_bundle_is_refused() {
    let sender = Sender::new();
    let empty = sender.build(Lane::Raw, 5, &[]).bytes;
    assert_eq!(sender.verify(&empty).unwrap_err(), BundleFault::TooLarge);
}

proptest! {
    /// I18: hostile bytes never panic and are never accepted.
    #[test]
    fn hostile_files_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let sender = Sender::new();
        prop_assert!(sender.verify(&bytes).is_err());
        let mut file = sender.build(Lane::Raw, 5, &items()[..1]).bytes;
        file.truncate(PREFIX_BYTES);
        file.extend_from_slice(&bytes);
        prop_assert!(sender.verify(&file).is_err());
    }
}
