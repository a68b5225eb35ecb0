//! What an operator does with a zone's lanes, at the machine itself. Both zones offer
//! the same words, as `<zone> bridge …`, because the bridge's own roles have no
//! database. Every change leaves its event in the operation log.

mod answer;
mod epoch;
mod evidence;
mod gap;
mod quarantine;
mod replay;
mod rotate;
mod show;

use std::path::PathBuf;

use answer::Answer;
use bridge_contract::keys::KeySet;
use bridge_contract::place::Lane;
use bridge_contract::request::Request;
use bridge_contract::spoken::BadCode;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_store::backup::{self, Made};
use platform_store::{Store, StoreError, Tx};
use serde_json::json;

use crate::backups::{self, NotABackup};

/// The command line of an order.
#[derive(Clone, Debug, Args)]
pub struct Orders {
    /// Answers as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// The order.
    #[command(subcommand)]
    pub order: Order,
}

/// An order.
#[derive(Clone, Debug, Subcommand)]
pub enum Order {
    /// Shows how far each lane is.
    Lanes,
    /// Shows one bundle: state, times, hashes, items.
    Show {
        /// The lane.
        #[arg(value_parser = lane)]
        lane: Lane,
        /// Its number.
        seq: u64,
        /// Its epoch; the newest without it.
        #[arg(long)]
        epoch: Option<u32>,
    },
    /// Writes evidence of what was sent and taken in, for an auditor.
    Evidence(evidence::Order),
    /// Notes a backup that was restored beside the zone to verify it.
    BackupMark {
        /// The restored copy: `sqlite:PATH`, `postgres://…` without a password, or `@FILE`, a file
        /// that holds the address. Never the zone's own.
        #[arg(long, value_parser = address)]
        restored: String,
        /// The backup's name, such as its date; each counts once.
        #[arg(long)]
        name: String,
    },
    /// Seals new items of a lane to the next key of the key set from now on.
    RotateSeal {
        /// The lane, which this zone sends.
        #[arg(value_parser = lane)]
        lane: Lane,
    },
    /// A lane begins anew: proposed, signed by two operators, installed at both ends.
    #[command(subcommand)]
    Epoch(epoch::Order),
    /// Says to the far end once more what this zone has of a lane.
    SayReceipt {
        /// The lane.
        #[arg(value_parser = lane)]
        lane: Lane,
    },
    /// Items that were set aside.
    #[command(subcommand)]
    Quarantine(quarantine::Order),
    /// Says what became of bundles that never came before a lane began anew; then they are told no more.
    ExplainGap {
        /// The lane.
        #[arg(value_parser = lane)]
        lane: Lane,
        /// The epoch that ended.
        epoch: u32,
        /// The first number that is missing.
        first: u64,
        /// What became of them, for the operation log.
        #[arg(long)]
        why: String,
    },
    /// Makes bundles available to the far end again; harmless when it has them. What is in a raw
    /// bundle of which S could not open an item is sent again under a new number.
    Replay {
        /// The lane.
        #[arg(long, value_parser = lane, required_unless_present = "code")]
        lane: Option<Lane>,
        /// Its epoch. Without it the newest; with `--since-backup` each that has something so young.
        #[arg(long)]
        epoch: Option<u32>,
        /// First number.
        #[arg(long, required_unless_present_any = ["since_backup", "code"])]
        from: Option<u64>,
        /// Last number.
        #[arg(long, required_unless_present_any = ["since_backup", "code"])]
        to: Option<u64>,
        /// Instead: everything the far end took in since this moment
        /// (`2026-11-20T03:00:00Z`), and everything after.
        #[arg(long, conflicts_with_all = ["from", "to"])]
        since_backup: Option<Timestamp>,
        /// Instead of all: the code that the far end shows for what it misses.
        #[arg(long, value_parser = request, conflicts_with_all = ["lane", "epoch", "from", "to", "since_backup"])]
        code: Option<Request>,
    },
}

/// Reads a lane's word.
pub(crate) fn lane(word: &str) -> Result<Lane, String> {
    Lane::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = Lane::ALL.iter().map(|lane| lane.word()).collect();
        format!("no such lane; known are {}", known.join(", "))
    })
}

/// Reads the address of a copy. What stands in an order is seen by everybody on the machine, so a
/// password comes in a file.
fn address(word: &str) -> Result<String, String> {
    match word.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file)
            .map(|text| text.trim().to_owned())
            .map_err(|error| format!("{file}: {error}")),
        None if backup::holds_password(word) => Err(
            "the list of processes would show the password; write the address into a file that only \
             you read, and name it: --restored @FILE"
                .to_owned(),
        ),
        None => Ok(word.to_owned()),
    }
}

fn request(code: &str) -> Result<Request, BadCode> {
    Request::parse(code)
}

/// Why an order is not carried out. The message says what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backup.
    #[error(transparent)]
    Backup(#[from] NotABackup),
    /// A generation cannot be restored beside the zone.
    #[error(transparent)]
    Generation(#[from] backup::NotDone),
    /// What was named is not there, or is not in a state for it.
    #[error("{0}")]
    Refused(String),
}

/// What was done, for the operation log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// One word: `bridge.replay`.
    pub act: &'static str,
    /// The lane.
    pub lane: String,
    /// Which bundle, item or backup.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

/// What orders need of a zone.
pub struct Desk {
    /// The zone's word: `internet` or `lgwan`.
    pub zone: &'static str,
    /// The installation's key set.
    pub keys: KeySet,
    /// The spool folder, above the lanes.
    pub spool: PathBuf,
    /// The zone's database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Opens a restored copy of the zone's database.
    pub open_copy: fn(&str) -> Result<Store, StoreError>,
    /// Writes the event of an order into the operation log.
    pub record: fn(&mut Tx<'_>, &Done),
}

impl Desk {
    /// Carries an order out; returns what to print.
    ///
    /// # Errors
    /// [`NotDone`]; nothing is changed then.
    pub async fn obey(&self, orders: Orders) -> Result<String, NotDone> {
        Ok(self.answer(orders.order).await?.print(orders.json))
    }

    async fn answer(&self, order: Order) -> Result<Answer, NotDone> {
        match order {
            Order::Lanes => self.lanes().await,
            Order::Show { lane, seq, epoch } => self.show(lane, seq, epoch).await,
            Order::Evidence(order) => self.evidence(order).await,
            Order::BackupMark { restored, name } => self.backup_mark(&restored, name).await,
            Order::RotateSeal { lane } => self.rotate_seal(lane).await,
            Order::Epoch(order) => self.epoch(order).await,
            Order::SayReceipt { lane } => self.say_receipt(lane).await,
            Order::Quarantine(order) => self.quarantine(order).await,
            Order::ExplainGap { lane, epoch, first, why } => {
                self.explain_gap(lane, (epoch, first), why).await
            }
            Order::Replay { code: Some(request), .. } => self.replay_request(request).await,
            Order::Replay { lane: Some(lane), epoch, from, to, since_backup, .. } => {
                self.replay((lane, epoch), (from, to), since_backup).await
            }
            Order::Replay { .. } => Err(NotDone::Refused("name a lane or a code".to_owned())),
        }
    }

    async fn backup_mark(&self, restored: &str, name: String) -> Result<Answer, NotDone> {
        let copy = (self.open_copy)(restored)?;
        mark_backup(&self.store, &copy, name, self.clock.now(), self.record).await
    }

    fn done(&self, act: &'static str, lane: &str, detail: impl Into<String>) -> Done {
        Done { act, lane: lane.to_owned(), detail: detail.into(), at: self.clock.now() }
    }
}

/// Notes a backup that was restored beside the zone: reads the copy to its last page, and says how far
/// it holds each lane. The event of it is recorded with it.
async fn mark_backup(
    store: &Store,
    copy: &Store,
    name: String,
    at: Timestamp,
    record: fn(&mut Tx<'_>, &Done),
) -> Result<Answer, NotDone> {
    let copied = copy.read(backups::read_copy).await??;
    let words: Vec<String> =
        copied.lanes.iter().map(|one| format!("{} e{}-{}", one.lane, one.epoch, one.seq)).collect();
    let place = |one: &backups::Covered| json!({ "lane": one.lane.word(), "epoch": one.epoch, "seq": one.seq });
    let facts =
        json!({ "backup": name, "holds": copied.lanes.iter().map(place).collect::<Vec<_>>() });
    let detail = format!("{name}: {}", words.join(", "));
    let done = Done { act: "bridge.backup_mark", lane: String::new(), detail, at };
    let marked = name.clone();
    store
        .write(move |tx| {
            let noted = backups::mark(tx, &marked, &copied, at)?;
            if noted.is_ok() {
                record(tx, &done);
            }
            Ok(noted)
        })
        .await??;
    Ok(Answer { words: format!("backup {name} holds: {}\n", words.join(", ")), facts })
}

/// Verifies a generation of a SQLite database by restoring it beside the generation, and notes it;
/// returns what to print.
///
/// # Errors
/// [`NotDone`] when it is damaged, of another database, or a dump of PostgreSQL, which its operator
/// restores first. Nothing is noted then.
pub async fn mark_generation(
    store: &Store,
    generation: &Made,
    open_copy: fn(&str) -> Result<Store, StoreError>,
    at: Timestamp,
    record: fn(&mut Tx<'_>, &Done),
) -> Result<String, NotDone> {
    let place = |ending: &str| generation.folder.with_extension(format!("restored{ending}"));
    backup::copy_out(&generation.folder, &place(""))?;
    let noted = match open_copy(&format!("sqlite:{}", place("").display())) {
        Ok(copy) => mark_backup(store, &copy, generation.name.clone(), at, record).await,
        Err(error) => Err(error.into()),
    };
    for ending in ["", "-wal", "-shm"] {
        // A copy that stays is in nobody's way: the next generation has another name.
        let _ = std::fs::remove_file(place(ending));
    }
    Ok(noted?.words)
}
