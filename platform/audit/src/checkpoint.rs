//! Signed checkpoints: how long the log was, and its hash, at a time.

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend, time};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::schema::{audit_checkpoints, audit_events, audit_head};

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
    let signature = key.0.sign(&words(seq, at, &hash)).as_ref().to_vec();
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

/// The first checkpoint that does not fit the log.
pub(crate) fn first_bad(
    db: &mut Db,
    key: Option<&CheckpointKey>,
) -> QueryResult<Option<(i64, &'static str)>> {
    let signed: Vec<(i64, i64, Vec<u8>, Vec<u8>)> =
        audit_checkpoints::table.order(audit_checkpoints::seq).load(db)?;
    for (seq, at, hash, signature) in signed {
        let in_log: Option<Vec<u8>> =
            audit_events::table.find(seq).select(audit_events::hash).first(db).optional()?;
        if in_log.as_ref() != Some(&hash) {
            return Ok(Some((seq, "the log does not fit its checkpoint")));
        }
        if let Some(key) = key {
            let public = UnparsedPublicKey::new(&ED25519, key.0.public_key());
            if public.verify(&words(seq, at, &hash), &signature).is_err() {
                return Ok(Some((seq, "the checkpoint's signature is false")));
            }
        }
    }
    Ok(None)
}
