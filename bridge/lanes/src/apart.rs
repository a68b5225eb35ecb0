//! Large files, which travel on a lane of their own, and the messages that wait for
//! them.
//!
//! ```text
//! in.bulk ─► LargeFiles: the file, durable as its attachment's ─► bulk_parts
//! in      ─► waiting_items (sealed)                ├─► complete(): one tx: Ingest::apply,
//!            later ones of the same application ───┘              raw number, receipt
//! ```

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::digest::Digest;
use bridge_contract::ids::AttachmentId;
use bridge_contract::keys::{KeySet, LiveKeys, OpenKeys};
use bridge_contract::messages::{BulkPart, Position};
use bridge_contract::place::Lane;
use bridge_contract::seal::Aad;
use diesel::prelude::*;
use diesel::result::Error;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_store::time::to_micros;
use platform_store::{Store, StoreError, Tx, each_backend};

use crate::fault::{LaneFault, blocking};
use crate::incoming::{Awaited, Inbound, Incoming, Ingest, Message, Refusal, Unprepared};
use crate::numbers::{big, small};
use crate::receiver::ingest::{Note, Trouble, spoken_of};
use crate::schema::{bulk_parts, inbox_items, quarantine};
use crate::waiting::{self, Waiting};
use crate::wake::Wake;
use crate::{origin, receipts};

/// Time between two looks for messages whose files have all come.
const EVERY: Duration = Duration::from_millis(200);
/// How often a message is tried before it is set aside.
const TRIES: u32 = 3;

/// Takes in the large files of `in.bulk`: each is kept until the message that waits for it
/// takes it.
#[derive(Debug)]
pub struct LargeFiles {
    files: Files,
    clock: Clock,
}

impl LargeFiles {
    /// Keeps files in `files`.
    #[must_use]
    pub const fn new(files: Files, clock: Clock) -> Self {
        Self { files, clock }
    }
}

impl Ingest for LargeFiles {
    type Message = BulkPart;

    fn prepare(&self, incoming: &Incoming<BulkPart>) -> Result<(), Unprepared> {
        let BulkPart { attachment_id, bytes, .. } = &incoming.message;
        Ok(self.files.put_again(&name_of(attachment_id, &Digest::of(bytes).hex()), bytes)?)
    }

    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<BulkPart>) -> Result<(), Refusal> {
        let part = &incoming.message;
        let row = (
            bulk_parts::attachment_id.eq(part.attachment_id.as_str()),
            bulk_parts::sha256.eq(Digest::of(&part.bytes).hex()),
            bulk_parts::bytes.eq(big(part.bytes.len() as u64)),
            bulk_parts::at.eq(to_micros(self.clock.now())),
        );
        each_backend!(tx.db, conn => diesel::insert_into(bulk_parts::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
        Ok(())
    }
}

/// The name of a large file. Two applications may have the same file: what one of them takes
/// away is not the other's.
fn name_of(attachment: &AttachmentId, sha256: &str) -> String {
    Digest::tagged(attachment.as_str().as_bytes(), sha256.as_bytes()).hex()
}

/// The bytes of a large file; `None` when it is not here.
fn bytes_of(files: &Files, wanted: &Awaited) -> io::Result<Option<Vec<u8>>> {
    // Files that came before 2026-11-22 have the name of their content alone.
    for name in [name_of(&wanted.attachment_id, &wanted.sha256), wanted.sha256.clone()] {
        match files.get(&name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read.map(Some),
        }
    }
    Ok(None)
}

/// What completing messages needs.
pub struct CompleterSetup {
    /// The lane.
    pub lane: Lane,
    /// The zone's database.
    pub store: Store,
    /// The installation's key set.
    pub keys: Arc<LiveKeys>,
    /// The keys that open the lane's items.
    pub openers: Arc<OpenKeys>,
    /// Where [`LargeFiles`] keeps files; none on a lane without.
    pub files: Option<Files>,
    /// The time written into rows.
    pub clock: Clock,
    /// Wakes the sender of the lane that takes our receipts back.
    pub receipts: Wake,
    /// Ends the task.
    pub shutdown: Shutdown,
}

/// Hands every message to the zone that waits no longer, until told to stop: its
/// large files are all here, or an operator drives it again. What follows it about
/// the same application goes after it, in order.
///
/// # Errors
/// [`LaneFault`] when the database takes no more writes.
pub async fn complete<I: Ingest>(setup: CompleterSetup, ingest: Arc<I>) -> Result<(), LaneFault> {
    let shutdown = setup.shutdown.clone();
    let mut completer = Completer { setup, ingest, tries: BTreeMap::new() };
    while !shutdown.is_triggered() {
        match completer.look().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(fault) if fault.may_pass() => {
                tracing::warn!(%fault, "completing messages was interrupted");
            }
            Err(fault) => return Err(fault),
        }
        tokio::select! {
            () = shutdown.wait() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    Ok(())
}

struct Completer<I> {
    setup: CompleterSetup,
    ingest: Arc<I>,
    tries: BTreeMap<(Lane, Position), u32>,
}

/// A message that is whole, as far as it can be read.
struct Whole<M> {
    incoming: Incoming<M>,
    awaited: Vec<Awaited>,
}

impl<I: Ingest> Completer<I> {
    /// `true` when something was handed over, so that what follows may go too.
    async fn look(&mut self) -> Result<bool, LaneFault> {
        let mut moved = false;
        let lane = self.setup.lane;
        for at in self.setup.store.read(move |db| waiting::first_of_each(db, lane)).await? {
            let row = self.setup.store.read(move |db| waiting::load(db, lane, at)).await?;
            let Some(row) = row else { continue };
            let (row, awaited) = self.awaited(row).await?;
            if !self.all_here(awaited.as_deref().unwrap_or_default()).await? {
                continue;
            }
            moved |= self.hand_over(row, awaited).await?;
        }
        Ok(moved)
    }

    /// The files a waiting message waits for, none for one that waits behind another; `None` for
    /// what is no message that can be read.
    async fn awaited(&self, row: Waiting) -> Result<(Waiting, Option<Vec<Awaited>>), LaneFault> {
        let (keys, openers) = (self.setup.keys.set(), Arc::clone(&self.setup.openers));
        blocking(row.lane, move || {
            let read = open(&row, &keys, &openers)
                .and_then(|content| I::Message::read(&content, row.kind, &keys));
            let awaited = match read {
                Ok((Inbound::Message(message), _)) => Some(message.awaited().to_vec()),
                // The next step says why it is not.
                Ok((Inbound::Receipt(_) | Inbound::SetAside(_), _)) | Err(_) => None,
            };
            Ok::<_, LaneFault>((row, awaited))
        })
        .await
    }

    async fn all_here(&self, awaited: &[Awaited]) -> Result<bool, LaneFault> {
        let awaited = awaited.to_vec();
        let here = self.setup.store.read(move |db| {
            for wanted in &awaited {
                if !waiting::is_here(db, wanted)? {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        Ok(here.await?)
    }

    /// One message to the zone, or aside; `false` when it stays for another try.
    async fn hand_over(
        &mut self,
        row: Waiting,
        wanted: Option<Vec<Awaited>>,
    ) -> Result<bool, LaneFault> {
        let (key, is_readable) = ((row.lane, row.at), wanted.is_some());
        let read = self.read(row.clone(), wanted.unwrap_or_default()).await?;
        let why = match read {
            Err(Unprepared::Poison(why)) => why,
            Err(Unprepared::Disk(why)) => {
                tracing::warn!(%why, "files cannot be stored; trying again");
                return Ok(false);
            }
            Ok(whole) => {
                let (why, hopeless) = match self.take_in(whole).await? {
                    None => {
                        self.tries.remove(&key);
                        return Ok(true);
                    }
                    Some(Trouble::Outage(why)) => {
                        tracing::warn!(%why, "the database cannot be used; trying again");
                        return Ok(false);
                    }
                    Some(Trouble::Item { why, hopeless, .. }) => (why, hopeless),
                };
                let count = self.tries.entry(key).or_default();
                *count += 1;
                if !hopeless && *count < TRIES {
                    return Ok(false);
                }
                why
            }
        };
        tracing::error!(lane = %row.lane, seq = row.at.seq, idx = row.at.idx, %why, "a message is set aside");
        self.tries.remove(&key);
        self.set_aside(row, why, is_readable).await?;
        Ok(true)
    }

    /// Opens a message with all its files, and lets the zone prepare it.
    async fn read(
        &self,
        row: Waiting,
        wanted: Vec<Awaited>,
    ) -> Result<Result<Whole<I::Message>, Unprepared>, LaneFault> {
        let (keys, openers) = (self.setup.keys.set(), Arc::clone(&self.setup.openers));
        let (files, ingest) = (self.setup.files.clone(), Arc::clone(&self.ingest));
        blocking(row.lane, move || {
            let mut unread = None;
            let mut file = |id: &AttachmentId| {
                let named = wanted.iter().find(|one| one.attachment_id == *id)?;
                let read = bytes_of(files.as_ref()?, named);
                read.unwrap_or_else(|error| {
                    unread = Some(error);
                    None
                })
            };
            let read = open(&row, &keys, &openers)
                .and_then(|content| I::Message::whole(&content, row.kind, &keys, &mut file));
            // A disk that cannot be read now is no fault of the message (I19).
            if let Some(error) = unread {
                return Ok(Err(Unprepared::Disk(error)));
            }
            let whole = read.map_err(Unprepared::Poison).and_then(|(inbound, _)| {
                let poison = |why: &str| Err(Unprepared::Poison(why.to_owned()));
                let message = match inbound {
                    Inbound::Message(message) => message,
                    Inbound::Receipt(_) => return poison("a receipt; the next one says all"),
                    Inbound::SetAside(item) => return poison(&item.reason),
                };
                let Waiting { lane, at, uuid, sent_at, .. } = row;
                let incoming = Incoming { lane, position: at, uuid, sent_at, message };
                ingest.prepare(&incoming)?;
                Ok(Whole { incoming, awaited: wanted })
            });
            Ok::<_, LaneFault>(whole)
        })
        .await
    }

    /// `None` when the message is in.
    async fn take_in(&self, whole: Whole<I::Message>) -> Result<Option<Trouble>, LaneFault> {
        let (ingest, keys) = (Arc::clone(&self.ingest), self.setup.keys.set());
        let (clock, awaited) = (self.setup.clock.clone(), whole.awaited.clone());
        let lane = self.setup.lane;
        let note = Note::default();
        note.at(0);
        let noted = note.clone();
        let written = self.setup.store.write(move |tx| {
            let Incoming { lane: its, position: at, uuid, .. } = &whole.incoming;
            if !waiting::end(tx, (*its, *at), uuid, clock.now())? {
                return Ok(false);
            }
            match ingest.apply(tx, &whole.incoming) {
                Ok(()) => {}
                Err(Refusal::Query(error)) => return Err(error),
                Err(Refusal::Poison(why)) => {
                    noted.poison(why);
                    return Err(Error::RollbackTransaction);
                }
            }
            noted.outside();
            for wanted in &whole.awaited {
                waiting::forget(tx, wanted)?;
            }
            taken_in(tx, lane, uuid)?;
            receipts::put(tx, spoken_of(lane), &keys, &clock)?;
            Ok(true)
        });
        match written.await {
            Ok(true) => {}
            // It waits no more: whoever took it in had its files.
            Ok(false) => return Ok(None),
            Err(error @ (StoreError::Closed | StoreError::CommitUnknown(_))) => {
                return Err(error.into());
            }
            Err(error) => return Ok(Some(note.explain(error))),
        }
        self.setup.receipts.signal();
        let Some(files) = self.setup.files.clone() else { return Ok(None) };
        blocking(lane, move || {
            for wanted in awaited {
                // What stays costs room only.
                let _ = files.delete(&name_of(&wanted.attachment_id, &wanted.sha256));
            }
            Ok::<_, LaneFault>(())
        })
        .await?;
        Ok(None)
    }

    /// Sets a message aside, under the one number at which it was whole. What cannot be read is
    /// not counted, so that I keeps it; where it waits under another number too, that one is left.
    async fn set_aside(
        &self,
        row: Waiting,
        why: String,
        is_readable: bool,
    ) -> Result<(), LaneFault> {
        let (keys, clock) = (self.setup.keys.set(), self.setup.clock.clone());
        self.setup
            .store
            .write(move |tx| {
                let (place, now) = ((row.lane, row.at), clock.now());
                let is_ours = if is_readable {
                    waiting::end(tx, place, &row.uuid, now)?
                } else {
                    waiting::remove(tx, row.lane, row.at)?
                };
                if !is_ours {
                    return Ok(());
                }
                if waiting::has(tx.db, row.lane, &row.uuid)? {
                    let origin = origin::of_stamp(row.lane, &row.stamp);
                    origin::arrived(tx, origin.as_slice(), now)?;
                } else {
                    into_quarantine(tx, &row, &why, &clock)?;
                }
                receipts::put(tx, spoken_of(row.lane), &keys, &clock)
            })
            .await?;
        self.setup.receipts.signal();
        Ok(())
    }
}

fn open(row: &Waiting, keys: &KeySet, openers: &OpenKeys) -> Result<Vec<u8>, String> {
    let (tenant, environment) = (keys.tenant, keys.environment);
    let aad = Aad { tenant, environment, lane: row.lane, uuid: &row.uuid, kind: row.kind };
    openers
        .open_in(keys, row.at.seq, &row.sealed, &aad)
        .map(|content| content.to_vec())
        .map_err(|error| error.to_string())
}

fn taken_in(tx: &mut Tx<'_>, lane: Lane, uuid: &str) -> QueryResult<()> {
    let ours = inbox_items::table
        .filter(inbox_items::lane.eq(lane.word()).and(inbox_items::uuid.eq(uuid)));
    diesel::update(ours).set(inbox_items::state.eq("done")).execute(tx.db).map(|_| ())
}

fn into_quarantine(tx: &mut Tx<'_>, row: &Waiting, why: &str, clock: &Clock) -> QueryResult<()> {
    let ours = inbox_items::table
        .filter(inbox_items::lane.eq(row.lane.word()).and(inbox_items::uuid.eq(&row.uuid)));
    diesel::update(ours).set(inbox_items::state.eq("quarantined")).execute(tx.db)?;
    diesel::insert_into(quarantine::table)
        .values((
            quarantine::lane.eq(row.lane.word()),
            quarantine::epoch.eq(small(row.at.epoch)),
            quarantine::seq.eq(big(row.at.seq)),
            quarantine::idx.eq(small(row.at.idx)),
            quarantine::uuid.eq(&row.uuid),
            quarantine::kind.eq(i32::from(row.kind)),
            quarantine::stamp.eq(&row.stamp),
            quarantine::sealed.eq(&row.sealed),
            quarantine::reason.eq(why),
            quarantine::at.eq(to_micros(clock.now())),
        ))
        .execute(tx.db)
        .map(|_| ())
}
