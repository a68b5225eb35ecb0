//! Which verified backups hold what was taken in. A sender may forget a bundle only
//! when two of them do (I13).

use std::collections::{BTreeMap, BTreeSet};

use bridge_contract::place::Lane;
use diesel::prelude::*;
use diesel::sql_types::Text;
use jiff::Timestamp;
use platform_store::time::to_micros;
use platform_store::{Db, Tx};

use crate::numbers::{big, index, number, small};
use crate::schema::{inbox_bundles, lane_backups as backups, lane_watermarks as watermarks};

/// How many backups must hold a bundle before its sender may forget it.
const COPIES: i64 = 2;

/// How far a restored backup holds a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The lane.
    pub lane: Lane,
    /// Its epoch.
    pub epoch: u32,
    /// Everything up to this number is in the backup.
    pub seq: u64,
    /// Hash of that bundle's header.
    pub hash: Vec<u8>,
}

/// Why a backup is not noted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotABackup {
    /// A backup of this name is noted already.
    #[error("a backup of this name is noted already; each one counts once")]
    NameTaken,
    /// It may be the very copy that was noted under another name.
    #[error(
        "it holds just what the backup {0} holds, and was made before that one was noted: it may be \
         the same copy; make a new backup and note that one"
    )]
    Twice(String),
    /// It holds what this database never had.
    #[error(
        "lane {0}: the backup is ahead of this database; it is of another one, or this one was restored"
    )]
    Ahead(Lane),
    /// It holds another bundle under the same number.
    #[error(
        "lane {0}: the backup holds another bundle under the same number; it is not of this database"
    )]
    Other(Lane),
    /// The engine finds the copy damaged.
    #[error("the copy is damaged: {0}")]
    Damaged(String),
    /// It holds no lane at all.
    #[error("the copy holds no lane; it is not a backup of a zone")]
    Empty,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// What a restored copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How far it holds each lane.
    pub lanes: Vec<Covered>,
    /// The names of the backups that had been noted when it was made.
    pub noted: Vec<String>,
}

/// Reads a restored copy to its last page, and how far it holds each lane.
///
/// # Errors
/// When the copy cannot be read; inside, when it is damaged or holds nothing.
pub fn read_copy(db: &mut Db) -> QueryResult<Result<Copied, NotABackup>> {
    if let Db::Sqlite(conn) = db {
        let answers: Vec<Answer> = diesel::sql_query("pragma integrity_check").load(conn)?;
        if let Some(bad) = answers.iter().find(|answer| answer.integrity_check != "ok") {
            return Ok(Err(NotABackup::Damaged(bad.integrity_check.clone())));
        }
    }
    let rows: Vec<(String, i32, i64, Vec<u8>)> = watermarks::table
        .order(watermarks::lane)
        .select((watermarks::lane, watermarks::epoch, watermarks::seq, watermarks::hash))
        .load(db)?;
    let covered = |(lane, epoch, seq, hash): (String, i32, i64, Vec<u8>)| {
        let lane = Lane::from_word(&lane)?;
        Some(Covered { lane, epoch: index(epoch), seq: number(seq), hash })
    };
    let lanes: Vec<Covered> = rows.into_iter().filter_map(covered).collect();
    let noted = backups::table.select(backups::name).distinct().load(db)?;
    Ok(if lanes.is_empty() { Err(NotABackup::Empty) } else { Ok(Copied { lanes, noted }) })
}

/// Notes a verified backup under its name.
///
/// # Errors
/// When the database refuses; inside, when it is no backup of this database.
pub fn mark(
    tx: &mut Tx<'_>,
    name: &str,
    copy: &Copied,
    at: Timestamp,
) -> QueryResult<Result<(), NotABackup>> {
    let known: i64 = backups::table.filter(backups::name.eq(name)).count().get_result(tx.db)?;
    if known > 0 {
        return Ok(Err(NotABackup::NameTaken));
    }
    for one in &copy.lanes {
        if let Err(refused) = fits(tx.db, one)? {
            return Ok(Err(refused));
        }
    }
    if let Some(other) = perhaps_the_same(tx.db, copy)? {
        return Ok(Err(NotABackup::Twice(other)));
    }
    for one in &copy.lanes {
        diesel::insert_into(backups::table)
            .values((
                backups::name.eq(name),
                backups::lane.eq(one.lane.word()),
                backups::epoch.eq(small(one.epoch)),
                backups::seq.eq(big(one.seq)),
                backups::hash.eq(&one.hash),
                backups::marked_at.eq(to_micros(at)),
            ))
            .execute(tx.db)?;
    }
    Ok(Ok(()))
}

/// A backup that was noted and of which this may be the same copy: it holds each lane just as
/// far, and nothing says that it was made later. A copy that was made after that one was noted
/// has its name.
fn perhaps_the_same(db: &mut Db, copy: &Copied) -> QueryResult<Option<String>> {
    let noted: Vec<(String, String, i32, i64)> = backups::table
        .filter(backups::name.ne_all(&copy.noted))
        .select((backups::name, backups::lane, backups::epoch, backups::seq))
        .load(db)?;
    let mut others: BTreeMap<String, BTreeSet<(String, i32, i64)>> = BTreeMap::new();
    for (name, lane, epoch, seq) in noted {
        others.entry(name).or_default().insert((lane, epoch, seq));
    }
    let place = |one: &Covered| (one.lane.word().to_owned(), small(one.epoch), big(one.seq));
    let ours: BTreeSet<(String, i32, i64)> = copy.lanes.iter().map(place).collect();
    Ok(others.into_iter().find_map(|(name, theirs)| (theirs == ours).then_some(name)))
}

/// Whether this database went through the place that a backup holds.
fn fits(db: &mut Db, one: &Covered) -> QueryResult<Result<(), NotABackup>> {
    let here: Option<(i32, i64)> = watermarks::table
        .find(one.lane.word())
        .select((watermarks::epoch, watermarks::seq))
        .first(db)
        .optional()?;
    let here = here.map_or((0, 0), |(epoch, seq)| (index(epoch), number(seq)));
    if (one.epoch, one.seq) > here {
        return Ok(Err(NotABackup::Ahead(one.lane)));
    }
    // The raw lane is known at L by its items only.
    if one.seq == 0 || one.lane == Lane::Raw {
        return Ok(Ok(()));
    }
    let hash: Option<Vec<u8>> = inbox_bundles::table
        .find((one.lane.word(), small(one.epoch), big(one.seq)))
        .select(inbox_bundles::hash)
        .first(db)
        .optional()?;
    let same = hash.is_some_and(|hash| hash == one.hash);
    Ok(if same { Ok(()) } else { Err(NotABackup::Other(one.lane)) })
}

/// Everything up to this number of an epoch is in two verified backups.
///
/// # Errors
/// When the database cannot be read.
pub fn twice_kept(db: &mut Db, lane: Lane, epoch: u32) -> QueryResult<u64> {
    let last: Option<i64> = backups::table
        .filter(backups::lane.eq(lane.word()).and(backups::epoch.eq(small(epoch))))
        .order(backups::seq.desc())
        .select(backups::seq)
        .offset(COPIES - 1)
        .first(db)
        .optional()?;
    Ok(last.map_or(0, number))
}
