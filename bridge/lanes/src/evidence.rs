//! Evidence of this zone's lanes, for an auditor (`bridge_contract::evidence`). It
//! is read in pages and written as it comes: memory does not grow with the lanes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bridge_contract::bundle::{IndexEntry, index_bytes};
use bridge_contract::digest::{Digest, Running, hex};
use bridge_contract::evidence::{BundleRecord, Closing, FORMAT, Opening, ReceiptRecord, Record};
use bridge_contract::place::Lane;
use diesel::prelude::*;
use platform_store::time::from_micros;
use platform_store::{Db, Store, StoreError};

use crate::numbers::{big, index};
use crate::schema::{
    inbox_bundles, lane_receipts, outbox_bundles as bundles, outbox_items as items, quarantine,
};

/// Bundles read at a time.
const PAGE: i64 = 500;

/// Which bundles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// One lane, or all.
    pub lane: Option<Lane>,
    /// From this number on, in every epoch.
    pub from: u64,
    /// Up to this number.
    pub to: u64,
}

/// Why no evidence was made.
#[derive(Debug, thiserror::Error)]
pub enum NoEvidence {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("the file cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes the evidence; returns how many bundles it shows.
///
/// # Errors
/// [`NoEvidence`]; what was written so far has no closing line then and does not pass.
pub async fn write(
    store: &Store,
    wish: Wish,
    opening: Opening,
    out: impl Write,
) -> Result<u64, NoEvidence> {
    let mut paper = Paper { out, running: Running::new(), bundles: 0 };
    paper.put(&Record::Opening(Opening { format: FORMAT.to_owned(), ..opening }))?;
    let wanted = |lane: &Lane| wish.lane.is_none_or(|one| one == *lane);
    for lane in Lane::ALL.iter().copied().filter(wanted) {
        for read in [sent, received] {
            let mut after = (0, 0);
            loop {
                let page = store.read(move |db| read(db, lane, after, wish)).await?;
                let Some((last, _)) = page.last() else { break };
                after = *last;
                for (_, record) in page {
                    paper.bundles += 1;
                    paper.put(&Record::Bundle(record))?;
                }
            }
        }
        if let Some(record) = store.read(move |db| receipt(db, lane)).await? {
            paper.put(&Record::Receipt(record))?;
        }
    }
    paper.close()
}

struct Paper<W> {
    out: W,
    running: Running,
    bundles: u64,
}

impl<W: Write> Paper<W> {
    fn put(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.running.update(&line);
        self.out.write_all(&line)
    }

    fn close(mut self) -> Result<u64, NoEvidence> {
        let sha256 = std::mem::take(&mut self.running).finish().hex();
        self.put(&Record::Closing(Closing { bundles: self.bundles, sha256 }))?;
        self.out.flush()?;
        Ok(self.bundles)
    }
}

/// Epoch and number, as the database has them.
type At = (i32, i64);

fn sent(db: &mut Db, lane: Lane, after: At, wish: Wish) -> QueryResult<Vec<(At, BundleRecord)>> {
    type Row = (i32, i64, String, Option<Vec<u8>>, Option<Vec<u8>>, Times);
    type Times = (i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
    let later =
        bundles::epoch.gt(after.0).or(bundles::epoch.eq(after.0).and(bundles::seq.gt(after.1)));
    let rows: Vec<Row> = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::header.is_not_null()))
        .filter(bundles::seq.between(big(wish.from), big(wish.to)))
        .filter(later)
        .order((bundles::epoch, bundles::seq))
        .select((
            bundles::epoch,
            bundles::seq,
            bundles::state,
            bundles::header,
            bundles::signature,
            (
                bundles::allocated_at,
                bundles::ready_at,
                bundles::stored_at,
                bundles::ingested_at,
                bundles::released_at,
            ),
        ))
        .limit(PAGE)
        .load(db)?;
    let record = |(epoch, seq, state, header, signature, times): Row| {
        let (allocated, ready, stored, ingested, released) = times;
        let times = [
            ("allocated", Some(allocated)),
            ("ready", ready),
            ("stored", stored),
            ("ingested", ingested),
            ("released", released),
        ];
        let record = BundleRecord {
            lane: lane.word().to_owned(),
            end: "sender".to_owned(),
            envelope: hex(&header.unwrap_or_default()) + &hex(&signature.unwrap_or_default()),
            entries: hex(&sent_index(db, lane, (epoch, seq))?),
            state,
            times: times.into_iter().filter_map(|(what, at)| moment(what, at?)).collect(),
            set_aside: Vec::new(),
        };
        Ok(((epoch, seq), record))
    };
    rows.into_iter().map(record).collect()
}

/// The index of a sent bundle; its rows outlive the sealed items. One whose items got new numbers
/// keeps it itself.
pub(crate) fn sent_index(db: &mut Db, lane: Lane, (epoch, seq): At) -> QueryResult<Vec<u8>> {
    type Row = (String, i32, Vec<u8>, i32, Vec<u8>);
    let kept: Option<Vec<u8>> =
        bundles::table.find((lane.word(), epoch, seq)).select(bundles::entries).first(db)?;
    if let Some(kept) = kept {
        return Ok(kept);
    }
    let rows: Vec<Row> = items::table
        .filter(items::lane.eq(lane.word()))
        .filter(items::epoch.eq(epoch).and(items::seq.eq(seq)))
        .order(items::id)
        .select((items::uuid, items::kind, items::stamp, items::bytes, items::sha256))
        .load(db)?;
    let entry = |(uuid, kind, stamp, size, sha256): Row| IndexEntry {
        uuid,
        kind: u16::try_from(kind).unwrap_or(0),
        stamp,
        size: u32::try_from(size).unwrap_or(0),
        sha256: sha256.try_into().map_or(Digest::ZERO, Digest),
    };
    let entries: Vec<IndexEntry> = rows.into_iter().map(entry).collect();
    Ok(index_bytes(&entries))
}

fn received(
    db: &mut Db,
    lane: Lane,
    after: At,
    wish: Wish,
) -> QueryResult<Vec<(At, BundleRecord)>> {
    use inbox_bundles::dsl as inbox;
    type Row = (i32, i64, Vec<u8>, Vec<u8>, Vec<u8>, i64, i64);
    let later = inbox::epoch.gt(after.0).or(inbox::epoch.eq(after.0).and(inbox::seq.gt(after.1)));
    let rows: Vec<Row> = inbox_bundles::table
        .filter(inbox::lane.eq(lane.word()))
        .filter(inbox::seq.between(big(wish.from), big(wish.to)))
        .filter(later)
        .order((inbox::epoch, inbox::seq))
        .select((
            inbox::epoch,
            inbox::seq,
            inbox::header,
            inbox::signature,
            inbox::entries,
            inbox::sent_at,
            inbox::ingested_at,
        ))
        .limit(PAGE)
        .load(db)?;
    let mut aside = set_aside(db, lane)?;
    let record = |(epoch, seq, header, signature, entries, sent, ingested): Row| {
        let times = [("sent", sent), ("ingested", ingested)];
        let record = BundleRecord {
            lane: lane.word().to_owned(),
            end: "receiver".to_owned(),
            envelope: hex(&header) + &hex(&signature),
            entries: hex(&entries),
            state: "received".to_owned(),
            times: times.into_iter().filter_map(|(what, at)| moment(what, at)).collect(),
            set_aside: aside.remove(&(epoch, seq)).unwrap_or_default(),
        };
        ((epoch, seq), record)
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Items set aside, by bundle: few, or an operator looks at something else.
fn set_aside(db: &mut Db, lane: Lane) -> QueryResult<BTreeMap<At, Vec<u32>>> {
    let rows: Vec<(i32, i64, i32)> = quarantine::table
        .filter(quarantine::lane.eq(lane.word()))
        .order((quarantine::epoch, quarantine::seq, quarantine::idx))
        .select((quarantine::epoch, quarantine::seq, quarantine::idx))
        .load(db)?;
    let mut aside: BTreeMap<At, Vec<u32>> = BTreeMap::new();
    for (epoch, seq, idx) in rows {
        aside.entry((epoch, seq)).or_default().push(index(idx));
    }
    Ok(aside)
}

fn receipt(db: &mut Db, lane: Lane) -> QueryResult<Option<ReceiptRecord>> {
    let row: Option<(Vec<u8>, i64)> = lane_receipts::table
        .find(lane.word())
        .select((lane_receipts::receipt, lane_receipts::received_at))
        .first(db)
        .optional()?;
    Ok(row.map(|(receipt, at)| ReceiptRecord {
        receipt: hex(&receipt),
        received_at: from_micros(at).to_string(),
    }))
}

fn moment(what: &str, at: i64) -> Option<(String, String)> {
    Some((what.to_owned(), from_micros(at).to_string()))
}
