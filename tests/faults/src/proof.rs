//! The invariants of the bridge, by both databases and every folder, at a moment
//! when everything has crossed.
//!
//! | | |
//! |---|---|
//! | I1, I2 | the ledger compares receipts and desk; here: nothing set aside, no gap |
//! | I3 | a watermark is the count of the bundles that were taken in |
//! | I4 | a number keeps its bytes, on every host, for as long as it is seen |
//! | I5 | the database makes the file again, byte for byte |
//! | I6 | nobody is told more than is in the far database |
//! | I11 | at the end: no file of I or S has a word of an application |
//! | I13 | what is not released is there, in the database and in the folder |
//! | I16 | no two rows, no two files with one number (by the keys of the tables, and I4) |
//! | I18 | `rejected/` is bounded |

mod files;
mod rows;
mod sealed;

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use bridge_contract::bundle::rebuild;
use bridge_contract::place::Lane;
use platform_store::Db;
use town::{Database, Town};

use files::Files;
use rows::Bundle;

/// Time in which the last receipt must be back.
const PATIENCE: Duration = platform_testkit::PATIENCE;

/// Host and lanes of each zone.
const ZONES: [(&str, &[Lane], &[Lane]); 2] = [
    ("i", &[Lane::Raw], &[Lane::PubCtl, Lane::PubDoc]),
    ("l", &[Lane::PubCtl, Lane::PubDoc], &[Lane::In, Lane::InBulk]),
];

/// What was seen after earlier faults.
#[derive(Debug, Default)]
pub struct Proof {
    files: Files,
    /// The newest bundle of each host and lane that was made again.
    rebuilt: BTreeMap<(&'static str, Lane), i64>,
}

impl Proof {
    /// Checks everything once; `supervised` starts programs again that end meanwhile.
    ///
    /// # Errors
    /// In words, naming the invariant that does not hold.
    pub fn check(&mut self, town: &mut Town, supervised: bool) -> io::Result<()> {
        let [i, l] = town.databases();
        let (mut i, mut l) = (rows::open(i)?, rows::open(l)?);
        receipts_come_back(&mut i, &mut l, || match supervised {
            true => town.revive_fallen().map(drop),
            false => Ok(()),
        })?;
        let town = &*town;
        for ((host, sent, received), db) in ZONES.iter().zip([&mut i, &mut l]) {
            for lane in *received {
                taken_in(db, host, *lane)?;
            }
            for lane in *sent {
                self.kept(db, town, host, *lane)?;
            }
            nothing_is_missing(db, host)?;
        }
        self.files.look(&town.plan.root)
    }

    /// I11: nothing readable of what people said, at the end of a run.
    ///
    /// # Errors
    /// Naming the file that has it.
    pub fn nothing_readable(&self, town: &Town, words: &str, database: Database) -> io::Result<()> {
        sealed::look(&town.plan.root, words, database)
    }

    /// I5, I13: bundles that may not be forgotten are in the database and in the folder.
    fn kept(&mut self, db: &mut Db, town: &Town, host: &'static str, lane: Lane) -> io::Result<()> {
        let folder = town.plan.root.join(host).join("spool").join(lane.word());
        let from = self.rebuilt.entry((host, lane)).or_default();
        for bundle in rows::made_since(db, lane, *from)? {
            let Bundle { seq, state, envelope, items } = bundle;
            let words = |what: &str| io::Error::other(format!("{what}: {host}, {lane}, {seq}"));
            if state == "released" {
                return Err(words("I13: released without two backups"));
            }
            let again =
                rebuild(&envelope, &items).ok_or_else(|| words("I5: not to be made again"))?;
            let file = files::sent(&folder, envelope.header.epoch, envelope.header.seq)?;
            let file = file.ok_or_else(|| words("I13: the file is gone"))?;
            if again != file {
                return Err(words("I5: made again, it is another"));
            }
            *from = seq;
        }
        Ok(())
    }
}

/// I3: the watermark of a lane is the count of its bundles.
fn taken_in(db: &mut Db, host: &str, lane: Lane) -> io::Result<()> {
    let Some(place) = rows::watermark(db, lane)? else { return Ok(()) };
    let (count, newest) = rows::bundles_in(db, lane, place.epoch)?;
    if let Some(why) = place.halted {
        return Err(io::Error::other(format!("{host}, {lane}: halted: {why}")));
    }
    if count != place.seq || newest.unwrap_or(0) != place.seq {
        let words = format!("I3: {host}, {lane}: watermark {}, bundles {count}", place.seq);
        return Err(io::Error::other(words));
    }
    Ok(())
}

/// I1: nothing was set aside, and no gap is open.
fn nothing_is_missing(db: &mut Db, host: &str) -> io::Result<()> {
    let (aside, gaps) = (rows::set_aside(db)?, rows::gaps(db)?);
    if aside + gaps == 0 {
        return Ok(());
    }
    Err(io::Error::other(format!("I1: {host}: {aside} items set aside, {gaps} gaps")))
}

/// I6, I1: no receipt claims more than the far database has, and soon every bundle
/// that carries a message is known to be there.
fn receipts_come_back(
    i: &mut Db,
    l: &mut Db,
    mut meanwhile: impl FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mut waiting = None;
        for (lane, near, far) in [(Lane::Raw, 0, 1), (Lane::PubCtl, 1, 0), (Lane::PubDoc, 1, 0)] {
            let both = [&mut *i, &mut *l];
            // The claim is read before what it is about, which only grows.
            let claimed = rows::claimed(both[near], lane)?;
            let there = rows::watermark(both[far], lane)?.map_or(0, |place| place.seq);
            if claimed > there {
                let words = format!("I6: {lane}: told {claimed}, taken in {there}");
                return Err(io::Error::other(words));
            }
            waiting = waiting.or(rows::unanswered(both[near], lane)?.map(|seq| (lane, seq)));
        }
        match waiting {
            None => return Ok(()),
            Some((lane, seq)) if Instant::now() > until => {
                let words = format!("I1: {lane}: bundle {seq} is not known to have arrived");
                return Err(io::Error::other(words));
            }
            Some(_) => {
                meanwhile()?;
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// Runs one statement on a database.
///
/// # Errors
/// What the database says.
pub(crate) fn run(url: &str, statement: &str) -> io::Result<()> {
    rows::run(&mut rows::open(url)?, statement)
}

/// Forgets every receipt that a zone got.
///
/// # Errors
/// When its database cannot be changed.
pub(crate) fn forget_receipts(url: &str) -> io::Result<()> {
    rows::forget_receipts(&mut rows::open(url)?)
}
