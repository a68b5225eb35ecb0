//! Signed checkpoints: how long the log was, and its hash, at a time.

use std::cmp::Ordering;

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend, time};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::event::HASH;
use crate::schema::{audit_checkpoints, audit_events, audit_head};
use crate::told::Anchor;
use crate::verify::Reached;

/// The key that signs checkpoints (Ed25519).
#[derive(Debug)]
pub struct CheckpointKey(Ed25519KeyPair);

impl CheckpointKey {
    /// Reads a PKCS#8 key.
    ///
    /// # Errors
    /// When the bytes are no Ed25519 key; the message is for the operator.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, String> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes)
            .map(Self)
            .map_err(|error| format!("not an Ed25519 key in PKCS#8: {error}"))
    }
}

impl CheckpointKey {
    pub(crate) fn sign(&self, words: &[u8]) -> Vec<u8> {
        self.0.sign(words).as_ref().to_vec()
    }

    /// A hash of these words that nobody works out without the key: SHA-256 over its signature, which
    /// for Ed25519 is always the same.
    #[must_use]
    pub fn fingerprint(&self, words: &[u8]) -> [u8; HASH] {
        let signed = self.sign(&[b"madoguchi.audit.fingerprint.v1\0".as_slice(), words].concat());
        let mut bytes = [0; HASH];
        bytes.copy_from_slice(digest(&SHA256, &signed).as_ref());
        bytes
    }
}

fn words(seq: i64, at: i64, hash: &[u8]) -> Vec<u8> {
    let mut words = b"madoguchi.audit.checkpoint.v1".to_vec();
    words.extend(seq.to_be_bytes());
    words.extend(at.to_be_bytes());
    words.extend(hash);
    words
}

/// Signs the head of the log, unless nothing happened since the last time.
///
/// # Errors
/// When the database refuses.
pub fn checkpoint(tx: &mut Tx<'_>, key: &CheckpointKey, now: Timestamp) -> QueryResult<bool> {
    let (seq, hash): (i64, Vec<u8>) =
        audit_head::table.find(1).select((audit_head::seq, audit_head::hash)).first(tx.db)?;
    let last: Option<i64> =
        audit_checkpoints::table.select(diesel::dsl::max(audit_checkpoints::seq)).first(tx.db)?;
    if seq == 0 || last == Some(seq) {
        return Ok(false);
    }
    let at = time::to_micros(now);
    let signature = key.sign(&words(seq, at, &hash));
    each_backend!(tx.db, conn => {
        diesel::insert_into(audit_checkpoints::table)
            .values((
                audit_checkpoints::seq.eq(seq),
                audit_checkpoints::at.eq(at),
                audit_checkpoints::hash.eq(hash),
                audit_checkpoints::signature.eq(signature),
            ))
            .on_conflict_do_nothing()
            .execute(conn)?
    });
    Ok(true)
}

/// Checkpoints read at once.
const PAGE: i64 = 5_000;

const UNFIT: &str = "the log does not fit its checkpoint";
const FALSE: &str = "the checkpoint's signature is false";

/// Number, time, hash, signature, and the hash the log has at that number.
type Signed = (i64, i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// The first checkpoint behind one event and up to another that does not fit the log.
pub(crate) fn first_bad(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    (from, until): (i64, i64),
) -> QueryResult<Option<(i64, &'static str)>> {
    use {audit_checkpoints as c, audit_events as e};
    let mut last = from;
    loop {
        let signed: Vec<Signed> = c::table
            .left_join(e::table.on(e::seq.eq(c::seq)))
            .filter(c::seq.gt(last).and(c::seq.le(until)))
            .order(c::seq)
            .limit(PAGE)
            .select((c::seq, c::at, c::hash, c::signature, e::hash.nullable()))
            .load(db)?;
        let Some(newest) = signed.last().map(|one| one.0) else { return Ok(None) };
        for (seq, at, hash, signature, in_log) in signed {
            if in_log.as_ref() != Some(&hash) {
                return Ok(Some((seq, UNFIT)));
            }
            if !is_signed(key, &words(seq, at, &hash), &signature) {
                return Ok(Some((seq, FALSE)));
            }
        }
        last = newest;
    }
}

/// The first anchor that does not fit the log, which begins behind `floor`: of what was taken away
/// only the signature can be checked.
pub(crate) fn first_bad_anchor(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    anchors: &[Anchor],
    floor: &Reached,
) -> QueryResult<Option<(i64, &'static str)>> {
    for Anchor { seq, at, hash, signature } in anchors {
        let in_log: Option<Vec<u8>> = match seq.cmp(&floor.seq) {
            Ordering::Less => Some(hash.clone()),
            Ordering::Equal => Some(floor.hash.clone()),
            Ordering::Greater => {
                audit_events::table.find(seq).select(audit_events::hash).first(db).optional()?
            }
        };
        if in_log.as_ref() != Some(hash) {
            return Ok(Some((*seq, "the log does not fit what the other zone was told of it")));
        }
        if !is_signed(key, &words(*seq, *at, hash), signature) {
            return Ok(Some((*seq, FALSE)));
        }
    }
    Ok(None)
}

/// Without a key, nothing can be said against a signature.
pub(crate) fn is_signed(key: Option<&CheckpointKey>, words: &[u8], signature: &[u8]) -> bool {
    key.is_none_or(|key| {
        let public = UnparsedPublicKey::new(&ED25519, key.0.public_key());
        public.verify(words, signature).is_ok()
    })
}
