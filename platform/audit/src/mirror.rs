//! The log of the other zone, kept here event by event as it is told (NF-41). Whoever rewrites
//! the log over there cannot rewrite it here.

use std::collections::BTreeSet;

use diesel::prelude::*;
use platform_store::{Tx, insert_many};

use crate::chain::{Row, row};
use crate::event::link;
use crate::schema::audit_mirror;
use crate::told::Stretch;

/// What came of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirrored {
    /// It is kept and fits what is known.
    Fits,
    /// It is kept, and the event with this number is another than was told before: the log over
    /// there was set back or rewritten.
    Differs(i64),
}

/// Keeps a stretch of the log of `zone`. A stretch that comes twice changes nothing; they may
/// come in any order.
///
/// # Errors
/// When the database cannot be written.
pub fn mirror(tx: &mut Tx<'_>, zone: &str, stretch: &Stretch) -> QueryResult<Mirrored> {
    let (first, last) = (stretch.first, stretch.last());
    let mut prev = stretch.prev.clone();
    let rows: Vec<_> = (first..)
        .zip(&stretch.events)
        .map(|(seq, event)| {
            let hash = link(zone, seq, event, &prev).to_vec();
            let before = std::mem::replace(&mut prev, hash.clone());
            row(zone, seq, event.clone(), before, hash)
        })
        .collect();
    // What stands before and behind must lead here and go on from here.
    let around: Vec<(i64, Vec<u8>, Vec<u8>)> = audit_mirror::table
        .filter(audit_mirror::seq.ge(first - 1).and(audit_mirror::seq.le(last + 1)))
        .order(audit_mirror::seq)
        .select((audit_mirror::seq, audit_mirror::prev, audit_mirror::hash))
        .load(tx.db)?;
    let strange = around.iter().find(|(seq, before, hash)| match *seq {
        seq if seq < first => *hash != stretch.prev,
        seq if seq > last => *before != prev,
        seq => rows.iter().any(|row| row.seq == seq && row.hash != *hash),
    });
    let strange = strange.map(|(seq, ..)| (*seq).clamp(first, last));
    let known: BTreeSet<(i64, &[u8])> =
        around.iter().map(|(seq, _, hash)| (*seq, hash.as_slice())).collect();
    let new: Vec<_> = rows
        .iter()
        .filter(|row| !known.contains(&(row.seq, row.hash.as_slice())))
        .map(Row::mirrored)
        .collect();
    insert_many!(tx.db, audit_mirror::table, new)?;
    Ok(strange.map_or(Mirrored::Fits, Mirrored::Differs))
}
