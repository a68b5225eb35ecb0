//! Items sealed one after the other under one encapsulated key: the two
//! multiplications on the curve that each item costs at either end are done once for
//! many. HPKE export-only (RFC 9180 §5.3), and AES-256-GCM with a key for each item.
//! `docs/wire/item.md` draws the bytes.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hpke::aead::{AeadCtxR, AeadCtxS, ExportOnlyAead};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use ring::aead::{AES_256_GCM, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{Aad, Content, KEY_BYTES, NUMBER_BYTES, Plain, TAG_BYTES, Unopened, laid_out};
use crate::bundle::NewItem;
use crate::keys::{KeySet, SealKey};
use crate::place::Lane;

/// Written in front of such an item.
pub(super) const VERSION: u8 = 2;
const INFO: &[u8] = b"madoguchi/item/v2";
/// version ‖ key id ‖ encapsulated key ‖ number in the series.
pub(super) const HEAD_BYTES: usize = super::HEAD_BYTES + NUMBER_BYTES;
/// After so many items, or so long, another encapsulated key is made: whoever reads
/// the memory of the sender can open what was sealed a moment ago, and no more.
const LONGEST: u32 = 256;
const LASTS: Duration = Duration::from_secs(1);
/// Encapsulated keys that a receiver remembers.
const REMEMBERED: usize = 8;

type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;
type Sender = AeadCtxS<ExportOnlyAead, HkdfSha256, X25519HkdfSha256>;
type Receiver = AeadCtxR<ExportOnlyAead, HkdfSha256, X25519HkdfSha256>;
/// Of one item, used once.
type ItemKey = Zeroizing<[u8; 32]>;

/// Seals many items to one receiver; shared by the threads of a process.
#[derive(Default)]
pub struct Series(Mutex<Option<Running>>);

struct Running {
    to: SealKey,
    encapsulated: [u8; KEY_BYTES],
    context: Sender,
    next: u32,
    since: Instant,
}

impl Running {
    fn begin(to: &SealKey) -> Self {
        let (encapsulated, context): (Encapsulated, Sender) = to
            .hpke()
            .and_then(|public| hpke::setup_sender(&OpModeS::Base, &public, INFO).ok())
            .expect("a key from the key set can be sealed to");
        let encapsulated = encapsulated.to_bytes().into();
        Self { to: *to, encapsulated, context, next: 0, since: Instant::now() }
    }

    fn serves(&self, to: &SealKey) -> bool {
        self.to == *to && self.next < LONGEST && self.since.elapsed() < LASTS
    }
}

impl fmt::Debug for Series {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Series")
    }
}

impl Series {
    /// Seals a content as [`super::seal`] does, at a fraction of its cost.
    ///
    /// # Panics
    /// As [`super::seal`].
    #[must_use]
    pub fn seal<T: Content + ?Sized>(&self, content: &T, to: &SealKey, aad: &Aad<'_>) -> Vec<u8> {
        let mut sealed = laid_out(content, VERSION, to.id(), HEAD_BYTES);
        let (encapsulated, number, key) = self.next(to);
        let (head, padded) = sealed.split_at_mut(HEAD_BYTES);
        let (front, end) = head.split_at_mut(super::HEAD_BYTES);
        front[super::HEAD_BYTES - KEY_BYTES..].copy_from_slice(&encapsulated);
        end.copy_from_slice(&number.to_be_bytes());
        let tag = aes(&key)
            .seal_in_place_separate_tag(nonce(), ring::aead::Aad::from(aad.bytes()), padded)
            .expect("an item is shorter than 64 GiB");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// As [`super::seal_for`]; `None` when the key set has no key for the lane.
    #[must_use]
    pub fn seal_for<T: Content + ?Sized>(
        &self,
        keys: &KeySet,
        lane: Lane,
        uuid: &str,
        kind: u16,
        content: &T,
    ) -> Option<NewItem> {
        super::for_receiver(keys, lane, (uuid, kind), |to, aad| self.seal(content, to, aad))
    }

    /// The encapsulated key, a number that it was not used with, and the key of both.
    fn next(&self, to: &SealKey) -> ([u8; KEY_BYTES], u32, ItemKey) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let series = match running.take().filter(|series| series.serves(to)) {
            Some(series) => running.insert(series),
            None => running.insert(Running::begin(to)),
        };
        let number = series.next;
        series.next += 1;
        let mut key = ItemKey::default();
        let made = series.context.export(&number.to_be_bytes(), &mut *key);
        made.expect("HKDF gives 32 bytes");
        (series.encapsulated, number, key)
    }
}

/// The encapsulated keys that an opening key met last, with what came of them.
#[derive(Default)]
pub(crate) struct Met(Mutex<Vec<([u8; KEY_BYTES], Receiver)>>);

impl Met {
    /// The key of an item, given the private key it is sealed to.
    fn key(
        &self,
        private: &<X25519HkdfSha256 as Kem>::PrivateKey,
        encapsulated: [u8; KEY_BYTES],
        number: &[u8],
    ) -> Option<ItemKey> {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = match met.iter().position(|(known, _)| *known == encapsulated) {
            Some(place) => place,
            None => {
                let point = Encapsulated::from_bytes(&encapsulated);
                let context =
                    hpke::setup_receiver(&OpModeR::Base, private, &point.ok()?, INFO).ok()?;
                met.truncate(REMEMBERED - 1);
                met.insert(0, (encapsulated, context));
                0
            }
        };
        let mut key = ItemKey::default();
        met[place].1.export(number, &mut *key).ok()?;
        Some(key)
    }
}

/// The padded content of an item of this version whose key id was looked at.
pub(super) fn open(
    key: &crate::keys::OpenKey,
    sealed: &[u8],
    aad: &Aad<'_>,
) -> Result<Plain, Unopened> {
    let (head, closed) = sealed.split_at_checked(HEAD_BYTES).ok_or(Unopened::NotAnItem)?;
    let (front, number) = head.split_at(super::HEAD_BYTES);
    let encapsulated = front.last_chunk().ok_or(Unopened::NotAnItem)?;
    let item_key = key.met().key(key.hpke(), *encapsulated, number).ok_or(Unopened::Broken)?;
    let mut padded = Plain(closed.to_vec());
    let opened = aes(&item_key)
        .open_in_place(nonce(), ring::aead::Aad::from(aad.bytes()), &mut padded.0)
        .map_err(|_| Unopened::Broken)?
        .len();
    padded.0.truncate(opened);
    debug_assert_eq!(opened + TAG_BYTES, closed.len());
    Ok(padded)
}

fn aes(key: &ItemKey) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &**key).expect("32 bytes are a key"))
}

/// Every key closes one item, so the nonce is always the same.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::aad;
    use super::super::{bucket, open};
    use super::*;
    use crate::keys::OpenKey;

    /// NN-18, NF-32: items of a series open in any order, each at its place only, and a
    /// second time too.
    #[test]
    fn items_of_a_series_open_alone() {
        let (key, _) = OpenKey::generate();
        let series = Series::default();
        let sealed: Vec<_> = (0..600_u32)
            .map(|number| {
                let said = number.to_be_bytes();
                series.seal(said.as_slice(), &key.seal_key(), &aad(&number.to_string()))
            })
            .collect();
        for number in (0..600_u32).rev().chain([300, 300]) {
            let place = number as usize;
            let opened = open(&key, &sealed[place], &aad(&number.to_string())).expect("it belongs");
            assert_eq!(opened.as_slice(), number.to_be_bytes());
            let elsewhere = open(&key, &sealed[place], &aad("elsewhere"));
            assert_eq!(elsewhere, Err(Unopened::Broken));
        }
        let other_number = {
            let mut changed = sealed[7].clone();
            changed[HEAD_BYTES - 1] ^= 1;
            open(&key, &changed, &aad("7"))
        };
        assert_eq!(other_number, Err(Unopened::Broken));
        assert_eq!(sealed[0].len(), HEAD_BYTES + bucket(8) + TAG_BYTES);
    }

    /// NN-18: no key closes two items; a series ends after so many, and with its receiver.
    #[test]
    fn no_key_is_used_twice() {
        let (first, second) = (OpenKey::generate().0, OpenKey::generate().0);
        let series = Series::default();
        let mut heads = BTreeSet::new();
        let mut encapsulated = BTreeSet::new();
        for number in 0..LONGEST * 2 {
            let to = if number % 100 == 0 { &second } else { &first };
            let sealed = series.seal(b"said".as_slice(), &to.seal_key(), &aad("one"));
            assert!(open(to, &sealed, &aad("one")).is_ok());
            encapsulated.insert(sealed[9..41].to_vec());
            heads.insert(sealed[9..HEAD_BYTES].to_vec());
        }
        assert_eq!(heads.len(), LONGEST as usize * 2);
        assert!(encapsulated.len() >= 12, "{} keys", encapsulated.len());
    }

    /// NN-18: a series that lasted long enough is not gone on with.
    #[test]
    fn a_series_ends_with_its_second() {
        let (key, _) = OpenKey::generate();
        let series = Series::default();
        let before = series.next(&key.seal_key()).0;
        if let Some(running) = &mut *series.0.lock().expect("nobody panicked") {
            running.since = running.since.checked_sub(LASTS).expect("the machine runs for longer");
        }
        assert_ne!(series.next(&key.seal_key()).0, before);
    }
}
