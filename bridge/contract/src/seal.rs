//! Sealing: an item is closed once, where it is born, and only its receiver
//! can open it. HPKE base mode (RFC 9180), X25519-HKDF-SHA256, AES-256-GCM; alone, or
//! in a [`Series`] where many are sealed to one receiver.
//! `docs/wire/item.md` draws the bytes.

mod series;

pub(crate) use series::Met;
pub use series::Series;

use std::fmt;
use std::ops::Deref;

use hpke::aead::{AeadTag, AesGcm256};
use hpke::inout::InOutBuf;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use zeroize::optimization_barrier;

use crate::bundle::NewItem;
use crate::keys::{KeyId, KeySet, OpenKey, SealKey};
use crate::messages::{Part, RawItem, ToCitizen, ToStaff};
use crate::place::{Environment, Lane, Tenant};
use crate::wire::{Wire, Writer, encode, encoded_size};

const VERSION: u8 = 1;
const INFO: &[u8] = b"madoguchi/item/v1";
/// Of the encapsulated key.
const KEY_BYTES: usize = 32;
/// version ‖ key id ‖ encapsulated key.
const HEAD_BYTES: usize = 1 + 8 + KEY_BYTES;
/// Of the number in a series.
const NUMBER_BYTES: usize = 4;
/// Of the length in front of the content.
const LENGTH_BYTES: usize = 4;
const TAG_BYTES: usize = 16;
/// Smallest padded content.
const SMALLEST_BUCKET: usize = 1024;

/// What an item is bound to. It is not sent with the item: the receiver
/// knows it from the bundle, and a moved item does not open.
#[derive(Clone, Copy, Debug)]
pub struct Aad<'a> {
    /// The town.
    pub tenant: Tenant,
    /// The kind of installation.
    pub environment: Environment,
    /// The lane the item travels on.
    pub lane: Lane,
    /// The item's own id.
    pub uuid: &'a str,
    /// The kind number of the message inside.
    pub kind: u16,
}

impl Aad<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.tenant.write(&mut out);
        self.environment.write(&mut out);
        self.lane.write(&mut out);
        out.bytes(self.uuid.as_bytes());
        self.kind.write(&mut out);
        out.into_bytes()
    }
}

/// Why an item does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// Not a sealed item.
    #[error("not a sealed item")]
    NotAnItem,
    /// Sealed to a key we do not hold.
    #[error("sealed to a key we do not hold ({0})")]
    UnknownKey(KeyId),
    /// Sealed to a key that the key set does not list for this lane and number.
    #[error("sealed to a key that is not for this lane and number ({0})")]
    NotForThis(KeyId),
    /// Changed, or moved from another lane, item or installation.
    #[error("the seal is broken")]
    Broken,
    /// Opened, but the padding is not as it must be.
    #[error("the padding is not canonical")]
    BadPadding,
}

/// The padded size of a content with its 4-byte length: 1 KiB, then eight
/// steps for each doubling, so that at most 12.5 % is added.
#[must_use]
pub const fn bucket(size: usize) -> usize {
    if size <= SMALLEST_BUCKET {
        return SMALLEST_BUCKET;
    }
    let step = 1 << (size.ilog2() - 3);
    size.div_ceil(step) * step
}

/// Length of the sealed form of a content of `size` bytes at most.
#[must_use]
pub const fn sealed_size(size: usize) -> usize {
    series::HEAD_BYTES + bucket(size + LENGTH_BYTES) + TAG_BYTES
}

/// What can be sealed: a value, as its canonical bytes, or bytes as they are.
pub trait Content {
    /// How many bytes [`Content::append`] appends.
    fn size(&self) -> usize;
    /// Appends the bytes.
    fn append(&self, out: &mut Writer);
}

impl<T: Wire> Content for T {
    fn size(&self) -> usize {
        encoded_size(self)
    }
    fn append(&self, out: &mut Writer) {
        self.write(out);
    }
}

impl Content for [u8] {
    fn size(&self) -> usize {
        self.len()
    }
    fn append(&self, out: &mut Writer) {
        out.raw(self);
    }
}

/// Seals a content to a key. It is written and closed in one place: no other copy of
/// what it says is made.
///
/// # Panics
/// When the content is 4 GiB or more, the key is not a point that can be used
/// (the key set never lists one), or the system has no random bytes.
#[must_use]
pub fn seal<T: Content + ?Sized>(content: &T, to: &SealKey, aad: &Aad<'_>) -> Vec<u8> {
    let mut sealed = laid_out(content, VERSION, to.id(), HEAD_BYTES);
    let closing = InOutBuf::from(&mut sealed[HEAD_BYTES..]);
    let (encapsulated, tag) = to
        .hpke()
        .and_then(|public| {
            hpke::single_shot_seal_inout_detached::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public,
                INFO,
                closing,
                &aad.bytes(),
            )
            .ok()
        })
        .expect("a key from the key set can be sealed to");
    sealed[HEAD_BYTES - KEY_BYTES..HEAD_BYTES].copy_from_slice(&encapsulated.to_bytes());
    sealed.extend_from_slice(&tag.to_bytes());
    sealed
}

/// An item before it is closed: version and key id, zeros up to the content, the content
/// with its length in front, and the padding.
fn laid_out<T: Content + ?Sized>(content: &T, version: u8, to: KeyId, head: usize) -> Vec<u8> {
    let size = content.size();
    let length = u32::try_from(size).expect("an item is shorter than 4 GiB");
    let padded = bucket(size + LENGTH_BYTES);
    let mut out = Writer::with_room(head + padded + TAG_BYTES);
    out.raw(&[version]);
    out.raw(&to.0);
    out.raw(&[0; KEY_BYTES + NUMBER_BYTES][..head - 1 - to.0.len()]);
    length.write(&mut out);
    content.append(&mut out);
    let mut laid = out.into_bytes();
    laid.resize(head + padded, 0);
    laid
}

/// The id of the key an item is sealed to.
///
/// # Errors
/// [`Unopened::NotAnItem`] when the bytes are too short or of another version.
pub fn key_id(sealed: &[u8]) -> Result<KeyId, Unopened> {
    let head = match sealed.first() {
        Some(&VERSION) => HEAD_BYTES,
        Some(&series::VERSION) => series::HEAD_BYTES,
        _ => return Err(Unopened::NotAnItem),
    };
    if sealed.len() < head + SMALLEST_BUCKET + TAG_BYTES {
        return Err(Unopened::NotAnItem);
    }
    sealed[1..].first_chunk().map(|id| KeyId(*id)).ok_or(Unopened::NotAnItem)
}

/// Makes an item of a message to staff and its files, sealed for S. The stamp
/// is empty: who accepts it fills it in. `None` when the key set has no key.
#[must_use]
pub fn to_staff(keys: &KeySet, uuid: &str, message: &ToStaff, parts: Vec<Part>) -> Option<NewItem> {
    let raw = RawItem { message: encode(message), parts, passwords: Vec::new() };
    seal_for(keys, Lane::Raw, uuid, message.kind(), &raw)
}

/// Makes an item of a message to the citizens' zone, sealed for I. It belongs
/// on [`ToCitizen::lane`]. `None` when the key set has no key.
#[must_use]
pub fn to_citizen(keys: &KeySet, uuid: &str, message: &ToCitizen) -> Option<NewItem> {
    seal_for(keys, message.lane(), uuid, message.kind(), message)
}

/// Seals any content for the receiver of a lane; `None` when the key set has
/// no key for it.
#[must_use]
pub fn seal_for<T: Content + ?Sized>(
    keys: &KeySet,
    lane: Lane,
    uuid: &str,
    kind: u16,
    content: &T,
) -> Option<NewItem> {
    for_receiver(keys, lane, (uuid, kind), |to, aad| seal(content, to, aad))
}

/// An item sealed for the receiver of a lane, in whichever way; its stamp is empty.
fn for_receiver(
    keys: &KeySet,
    lane: Lane,
    (uuid, kind): (&str, u16),
    close: impl FnOnce(&SealKey, &Aad<'_>) -> Vec<u8>,
) -> Option<NewItem> {
    let (tenant, environment) = (keys.tenant, keys.environment);
    let aad = Aad { tenant, environment, lane, uuid, kind };
    let sealed = close(&keys.seal_key(lane)?, &aad);
    Some(NewItem { uuid: uuid.to_owned(), kind, stamp: Vec::new(), sealed })
}

/// What was in an item; wiped when dropped, with one word to the processor for all of it: what many
/// citizens say in a second is wiped twice on its way, and byte by byte that takes as long as opening it.
#[derive(PartialEq, Eq)]
pub struct Plain(Vec<u8>);

impl Deref for Plain {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Plain({} bytes)", self.0.len())
    }
}

impl Plain {
    /// Zeros everywhere, also behind the end, where it was longer before.
    fn wipe(&mut self) {
        self.0.fill(0);
        self.0.resize(self.0.capacity(), 0);
        // The compiler knows that nobody reads this any more, and must write it all the same.
        optimization_barrier(self.0.as_slice());
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Opens a sealed item. The content is wiped when dropped.
///
/// # Errors
/// [`Unopened`] when it is sealed to another key, changed, or moved.
pub fn open(key: &OpenKey, sealed: &[u8], aad: &Aad<'_>) -> Result<Plain, Unopened> {
    let id = key_id(sealed)?;
    if key.seal_key().id() != id {
        return Err(Unopened::UnknownKey(id));
    }
    if sealed[0] == series::VERSION {
        return unpad(series::open(key, sealed, aad)?);
    }
    let (head, closed) = sealed.split_at(HEAD_BYTES);
    let (closed, tag) = closed.split_at(closed.len() - TAG_BYTES);
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&head[9..])
        .map_err(|_| Unopened::Broken)?;
    let tag = AeadTag::from_bytes(tag).map_err(|_| Unopened::Broken)?;
    let mut padded = Plain(closed.to_vec());
    hpke::single_shot_open_inout_detached::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        key.hpke(),
        &encapsulated,
        INFO,
        InOutBuf::from(padded.0.as_mut_slice()),
        &aad.bytes(),
        &tag,
    )
    .map_err(|_| Unopened::Broken)?;
    unpad(padded)
}

fn unpad(mut padded: Plain) -> Result<Plain, Unopened> {
    let length = padded.first_chunk::<4>().ok_or(Unopened::BadPadding)?;
    let end = (u32::from_be_bytes(*length) as usize)
        .checked_add(4)
        .filter(|end| *end <= padded.len() && bucket(*end) == padded.len())
        .ok_or(Unopened::BadPadding)?;
    if padded[end..].iter().any(|byte| *byte != 0) {
        return Err(Unopened::BadPadding);
    }
    padded.0.copy_within(4..end, 0);
    padded.0.truncate(end - 4);
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) fn aad(uuid: &str) -> Aad<'_> {
        Aad {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            lane: Lane::Raw,
            uuid,
            kind: 1,
        }
    }

    /// NN-18: what is sealed opens with its key and at its place only.
    #[test]
    fn an_item_opens_only_where_it_belongs() {
        let (key, _) = OpenKey::generate();
        let sealed = seal(b"secret".as_slice(), &key.seal_key(), &aad("one"));
        let opened = open(&key, &sealed, &aad("one")).expect("it belongs here");
        assert_eq!(opened.as_slice(), b"secret");

        assert_eq!(open(&key, &sealed, &aad("two")), Err(Unopened::Broken));
        let other_lane = Aad { lane: Lane::In, ..aad("one") };
        assert_eq!(open(&key, &sealed, &other_lane), Err(Unopened::Broken));
        let production = Aad { environment: Environment::Production, ..aad("one") };
        assert_eq!(open(&key, &sealed, &production), Err(Unopened::Broken));

        let stranger = OpenKey::generate().0;
        let id = key.seal_key().id();
        let refused = open(&stranger, &sealed, &aad("one"));
        assert_eq!(refused, Err(Unopened::UnknownKey(id)));
        let mut changed = sealed.clone();
        changed[200] ^= 1;
        assert_eq!(open(&key, &changed, &aad("one")), Err(Unopened::Broken));
    }

    /// NN-18: nothing of a content is left where it was, nor where it was longer.
    #[test]
    fn a_content_is_wiped_to_its_last_byte() {
        let mut plain = Plain(b"what a citizen says".to_vec());
        plain.0.truncate(4);
        let room = plain.0.capacity();
        assert_eq!(format!("{plain:?}"), "Plain(4 bytes)");
        plain.wipe();
        assert_eq!(plain.as_slice(), vec![0; room]);
        assert!(room >= 19);
    }

    #[test]
    fn sizes_fall_into_few_buckets() {
        assert_eq!(bucket(0), 1024);
        assert_eq!(bucket(1024), 1024);
        assert_eq!(bucket(1025), 1152);
        assert_eq!(bucket(2049), 2304);
        let (key, _) = OpenKey::generate();
        for size in [0, 1, 1020, 1021, 5000, 100_000] {
            let sealed = seal(vec![7; size].as_slice(), &key.seal_key(), &aad("a"));
            assert_eq!(sealed.len() + NUMBER_BYTES, sealed_size(size));
            let opened = open(&key, &sealed, &aad("a")).expect("just sealed");
            assert_eq!(opened.as_slice(), vec![7; size]);
        }
    }

    proptest! {
        #[test]
        fn padding_adds_at_most_an_eighth(size in 1024_usize..100_000_000) {
            prop_assert!(bucket(size) >= size);
            prop_assert!(bucket(size) - size <= size / 8);
            prop_assert_eq!(bucket(bucket(size)), bucket(size));
        }

        #[test]
        fn hostile_bytes_never_open_nor_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let (key, _) = OpenKey::generate();
            prop_assert!(open(&key, &bytes, &aad("a")).is_err());
            for version in [VERSION, series::VERSION] {
                let mut addressed = vec![version];
                addressed.extend_from_slice(&key.seal_key().id().0);
                addressed.extend_from_slice(&bytes);
                prop_assert!(open(&key, &addressed, &aad("a")).is_err());
            }
        }
    }
}
