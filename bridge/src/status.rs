//! What an operator sees of a host's spool folder, without disturbing anyone:
//! no lock is taken and nothing is written (NS-2).

use std::fs;
use std::io;
use std::path::Path;

use bridge_contract::bundle::parse_bundle_name;
use bridge_contract::head::Head;
use bridge_contract::keys::{KeyFault, KeyFolder, KeySet, Purpose};
use bridge_contract::place::Lane;
use bridge_contract::request::Request;
use bridge_spool::{
    Ingested, Level, Meter as _, SpoolError, missing, newest_seen, rejected_since, sync_time_of,
};
use jiff::Timestamp;
use platform_service::clock::Clock;
use serde::Serialize;

use crate::config::{Common, meter};

/// Which end of a lane a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Bundles are made here.
    Sender,
    /// Bundles arrive here.
    Receiver,
}

/// One lane's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneStatus {
    /// The lane.
    pub lane: &'static str,
    /// Which end.
    pub end: End,
    /// The epoch in the sender's newest head.
    pub epoch: Option<u32>,
    /// The number in the sender's newest head.
    pub head: Option<u64>,
    /// The sender's clock when it signed that head.
    pub head_at: Option<Timestamp>,
    /// Sender: not known to be taken in. Receiver: fetched, not taken in.
    pub waiting: usize,
    /// Receiver: number of the last bundle taken in.
    pub ingested: Option<u64>,
    /// Receiver: files set aside as no bundles.
    pub rejected: usize,
    /// Those of the last hour.
    pub rejected_last_hour: usize,
    /// Ninety-nine of a hundred of the newest writes here were durable within so many microseconds.
    pub sync_p99_micros: Option<u64>,
    /// The key that signs the next bundle; none when the key set lists none for its number.
    pub signer: Option<Signer>,
    /// Receiver: what the head promises and is not here, in words.
    pub missing: Option<String>,
    /// The code that asks the sending end for it: `bridge replay --code`.
    pub request: Option<String>,
}

/// A key that signs bundles, and for which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// Its short name.
    pub key: String,
    /// The first number it may sign.
    pub from: u64,
    /// The last; none while it is in use.
    pub until: Option<u64>,
}

/// A host's spool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostStatus {
    /// How full it is: `fine`, `warn`, `alarm` or `full`.
    pub level: &'static str,
    /// Used share of the spool's file system, in percent.
    pub disk_percent: u64,
    /// Unsent bytes of the fullest lane.
    pub backlog_bytes: u64,
    /// The same in percent of the setting `backlog_mb`.
    pub backlog_percent: u64,
    /// Version of the newest key set that is installed here.
    pub key_set: u32,
    /// Its lanes.
    pub lanes: Vec<LaneStatus>,
}

/// Why a status cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum StatusFault {
    /// The key folder cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyFault),
    /// The spool folder cannot be read.
    #[error("spool folder: {0}")]
    Spool(#[from] io::Error),
    /// A lane's folder cannot be read.
    #[error(transparent)]
    Lane(#[from] SpoolError),
}

/// Looks at the spool of a host and every lane in it.
///
/// # Errors
/// [`StatusFault`] when keys or spool cannot be read.
pub fn status(config: &Common) -> Result<HostStatus, StatusFault> {
    let keys = KeyFolder::open(&config.keys)?;
    let mut lanes = Vec::new();
    for lane in Lane::ALL {
        let dir = config.spool.join(lane.word());
        if dir.is_dir() {
            lanes.push(look(&config.spool, *lane, &keys)?);
        }
    }
    let room = meter(&config.spool, config.backlog_mb).look()?;
    Ok(HostStatus {
        level: Level::of(room.percent()).word(),
        disk_percent: room.disk_percent,
        backlog_bytes: room.backlog_bytes,
        backlog_percent: room.backlog_percent,
        key_set: keys.set().version.max(newest_seen(&config.spool)),
        lanes,
    })
}

fn look(spool: &Path, lane: Lane, keys: &KeyFolder) -> Result<LaneStatus, StatusFault> {
    let dir = &spool.join(lane.word());
    let end = if dir.join("ready").is_dir() { End::Sender } else { End::Receiver };
    let head =
        fs::read(dir.join("head")).ok().and_then(|head| Head::open(&head, lane, keys.set()).ok());
    let waits = match end {
        End::Sender => "ready",
        End::Receiver => "fetched",
    };
    let wanted = match end {
        End::Sender => None,
        End::Receiver => missing(spool, lane, keys.set())?,
    };
    Ok(LaneStatus {
        lane: lane.word(),
        end,
        epoch: head.as_ref().map(|head| head.epoch),
        head: head.as_ref().map(|head| head.seq),
        head_at: head.as_ref().map(|head| head.at),
        waiting: count(&dir.join(waits), |name| parse_bundle_name(name).is_some())?,
        ingested: Ingested::read(dir).map(|at| at.seq),
        rejected: count(&dir.join("rejected"), |_| true)?,
        rejected_last_hour: rejected_since(dir, Clock::system().now().as_second() - 3600)?,
        sync_p99_micros: sync_time_of(dir).map(|time| time.p99_micros),
        signer: signer(
            keys.set(),
            lane,
            head.as_ref().map_or(1, |head| head.seq.saturating_add(1)),
        ),
        missing: wanted.as_ref().map(Request::words),
        request: wanted.as_ref().map(Request::code),
    })
}

fn signer(set: &KeySet, lane: Lane, seq: u64) -> Option<Signer> {
    let key = set.of(Purpose::Sign(lane)).filter(|key| key.covers(seq)).last()?;
    Some(Signer {
        key: key.id().to_string(),
        from: key.valid_from,
        until: (key.valid_until != u64::MAX).then_some(key.valid_until),
    })
}

fn count(dir: &Path, counts: impl Fn(&str) -> bool) -> io::Result<usize> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut count = 0;
    for entry in entries {
        if entry?.file_name().to_str().is_some_and(&counts) {
            count += 1;
        }
    }
    Ok(count)
}
