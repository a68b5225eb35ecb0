//! The sending end: items wait here from the transaction that made them until
//! the other zone has them.

use bridge_contract::bundle::{CONTENT_LIMIT, NewItem, STAMP_LIMIT, UUID_LIMIT};
use bridge_contract::digest::Digest;
use bridge_contract::place::Lane;
use bridge_contract::seal::sealed_size;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Binary;
use jiff::Timestamp;
use platform_store::Tx;
use platform_store::time::to_micros;

use crate::schema::{outbox_items, outbox_sealed};

/// Puts a sealed item into the outbox of a lane, in the transaction of the
/// change it tells of. After the commit, signal the lane's [`crate::Wake`].
///
/// # Errors
/// When the database refuses, when an item of this id is in the outbox of the
/// lane already, or when the item can never fit a bundle.
pub fn put(tx: &mut Tx<'_>, lane: Lane, item: &NewItem, at: Timestamp) -> QueryResult<()> {
    let fits = item.sealed.len() <= sealed_size(CONTENT_LIMIT)
        && item.stamp.len() <= STAMP_LIMIT
        && item.uuid.len() <= UUID_LIMIT;
    if !fits {
        return Err(Error::QueryBuilderError("an item that fits no bundle".into()));
    }
    let bytes =
        i32::try_from(item.sealed.len()).map_err(|error| Error::QueryBuilderError(error.into()))?;
    diesel::insert_into(outbox_items::table)
        .values((
            outbox_items::lane.eq(lane.word()),
            outbox_items::uuid.eq(&item.uuid),
            outbox_items::kind.eq(i32::from(item.kind)),
            outbox_items::stamp.eq(&item.stamp),
            outbox_items::bytes.eq(bytes),
            outbox_items::sha256.eq(Digest::of(&item.sealed).0.to_vec()),
            outbox_items::created_at.eq(to_micros(at)),
        ))
        .execute(tx.db)?;
    let placed = outbox_items::table
        .filter(outbox_items::lane.eq(lane.word()).and(outbox_items::uuid.eq(&item.uuid)))
        .select((outbox_items::id, (&item.sealed).into_sql::<Binary>()));
    diesel::insert_into(outbox_sealed::table)
        .values(placed)
        .into_columns((outbox_sealed::item, outbox_sealed::sealed))
        .execute(tx.db)
        .map(|_| ())
}
