//! The bare prototype: what sealing, signing and syncing alone cost.
//!
//! Items are sealed by all cores, 256 of them become a signed bundle, the file is
//! synced and shown, read again and verified, and synced and shown once more at the
//! far end. While one bundle is made durable the next is sealed.

use std::fs;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use bridge_contract::bundle::{Draft, Expect, ITEMS_SOFT, NewItem, Signer, build, verify};
use bridge_contract::digest::Digest;
use bridge_contract::keys::{KeyFolder, KeySet, new_keys};
use bridge_contract::place::{Environment, Lane, Tenant};
use bridge_contract::seal::seal_for;
use bridge_spool::write_new;
use jiff::Timestamp;

use super::zones::words;
use crate::processor;

/// How long it runs.
const TIME: Duration = Duration::from_secs(5);

/// What it reached.
pub(super) struct Bare {
    /// Items a second.
    pub(super) rate: f64,
    /// Processor time of an item.
    pub(super) each: Duration,
}

impl Bare {
    /// What lies between two measurements.
    pub(super) fn mean(&self, other: &Self) -> Self {
        Self { rate: f64::midpoint(self.rate, other.rate), each: (self.each + other.each) / 2 }
    }
}

/// Items of so many bytes.
pub(super) fn measure(many: usize, bytes: usize) -> Result<Bare, String> {
    let dir = tempfile::Builder::new().prefix("load-").tempdir().map_err(words)?;
    let tenant = Tenant::parse("mirai").map_err(words)?;
    new_keys(tenant, Environment::Demo).write(&dir.path().join("keys")).map_err(words)?;
    let keys = KeyFolder::open(&dir.path().join("keys/i")).map_err(words)?;
    for folder in ["tmp", "ready", "part", "fetched"] {
        fs::create_dir(dir.path().join(folder)).map_err(words)?;
    }
    let (start, before, mut done) = (Instant::now(), processor::own()?, 0_u32);
    thread::scope(|scope| {
        let (sealed, ready) = sync_channel::<Vec<NewItem>>(2);
        let set = keys.set();
        scope.spawn(move || {
            for batch in 0.. {
                // The other end hangs up when time is over.
                if sealed.send(seal_all(batch, bytes, set)).is_err() {
                    return;
                }
            }
        });
        let (mut seq, mut prev) = (0, Digest::ZERO);
        while start.elapsed() < TIME && (done as usize) < many {
            let items = ready.recv().map_err(words)?;
            seq += 1;
            prev = cross(dir.path(), &keys, (seq, prev), &items)?;
            done += u32::try_from(items.len()).map_err(words)?;
        }
        Ok::<_, String>(())
    })?;
    let rate = f64::from(done) / start.elapsed().as_secs_f64();
    Ok(Bare { rate, each: (processor::own()? - before) / done.max(1) })
}

fn seal_all(batch: usize, bytes: usize, keys: &KeySet) -> Vec<NewItem> {
    let content = vec![0x61; bytes];
    let seal = |number: usize| {
        seal_for(keys, Lane::Raw, &format!("{batch}-{number}"), 2, content.as_slice())
    };
    let half = ITEMS_SOFT / 2;
    thread::scope(|scope| {
        let other = scope.spawn(|| (half..ITEMS_SOFT).filter_map(&seal).collect::<Vec<_>>());
        let mut all: Vec<NewItem> = (0..half).filter_map(&seal).collect();
        all.extend(other.join().unwrap_or_default());
        all
    })
}

/// Seal is done; sign, sync, verify, sync.
fn cross(
    dir: &Path,
    keys: &KeyFolder,
    (seq, prev): (u64, Digest),
    items: &[NewItem],
) -> Result<Digest, String> {
    let (set, key) = (keys.set(), keys.signer(Lane::Raw).map_err(words)?);
    let signer = Signer {
        tenant: set.tenant,
        environment: set.environment,
        key_set_version: set.version,
        key: &key,
    };
    let draft = Draft { lane: Lane::Raw, epoch: 1, seq, prev, at: Timestamp::UNIX_EPOCH };
    let built = build(&draft, items, &signer);
    let name = format!("{seq}.kb");
    write_new(&dir.join("tmp"), &dir.join("ready"), &name, &built.bytes).map_err(words)?;
    let file = fs::read(dir.join("ready").join(&name)).map_err(words)?;
    verify(&file, &Expect { lane: Lane::Raw, keys: set }).map_err(words)?;
    write_new(&dir.join("part"), &dir.join("fetched"), &name, &file).map_err(words)?;
    Ok(built.envelope.header.hash())
}
