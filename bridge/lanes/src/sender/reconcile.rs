//! What a sender does at its start: what an earlier run left undone is brought
//! to its end, and what the folder lost is rebuilt byte for byte.

use std::sync::Arc;

use bridge_contract::bundle::{Envelope, Expect, NewItem, verify};
use bridge_contract::digest::hex;
use bridge_contract::head::Head;
use bridge_contract::place::Lane;
use bridge_spool::SenderSpool;
use platform_service::ids;

use super::allocate::{self, Row};
use super::{Last, Made, Sender, bundle, file, signer};
use crate::epochs::{self, Life};
use crate::fault::{LaneFault, blocking};

/// Bundles that the far end is not known to have and that a start rebuilds and compares, the
/// newest: on a way without a way back they grow for years (I22).
const LOOKED_INTO: usize = if cfg!(test) { 3 } else { 512 };

impl Sender {
    /// Brings what was half done to its end, then begins to send as [`Sender::send_some`] does.
    pub(crate) async fn reconcile(&mut self) -> Result<bool, LaneFault> {
        self.made = None;
        self.halt_when_restored().await?;
        self.begin_a_life().await?;
        self.gate.open();
        let lane = self.lane;
        self.last = self.store.read(move |db| allocate::newest_made(db, lane)).await?;
        let rows = self.store.read(move |db| allocate::unfinished(db, lane)).await?;
        let old = rows.len().saturating_sub(LOOKED_INTO);
        for (place, row) in rows.into_iter().enumerate() {
            if place < old && self.is_there(&row).await? {
                continue;
            }
            self.finish(row).await?;
        }
        let epoch = self.last.epoch;
        self.recent = self.store.read(move |db| allocate::recent(db, lane, epoch)).await?;
        self.shelve().await?;
        self.delete_released().await?;
        self.turn().await?;
        self.show_head().await?;
        self.send_some().await
    }

    /// A folder that is ahead of the database means a restored database. Its
    /// next bundle would use a number twice, so the lane waits for people. The head
    /// says how far the lane was also when files are gone.
    async fn halt_when_restored(&self) -> Result<(), LaneFault> {
        let (lane, spool, set) = (self.lane, Arc::clone(&self.spool), self.keys.set());
        let shown = blocking(lane, move || {
            let head = spool.head()?.and_then(|head| Head::open(&head, lane, &set).ok());
            Ok::<_, LaneFault>(spool.last()?.max(head.map(|head| (head.epoch, head.seq))))
        });
        let Some(spool) = shown.await? else { return Ok(()) };
        let newest = self.store.read(move |db| allocate::newest(db, lane)).await?;
        let database = newest.unwrap_or((1, 0));
        if spool > database {
            return Err(LaneFault::AheadOfDatabase { lane, spool, database });
        }
        Ok(())
    }

    /// Every start leaves its mark in the database and then in the folder. A mark in the
    /// folder that the database does not know means that the database is an older one.
    async fn begin_a_life(&mut self) -> Result<(), LaneFault> {
        let (lane, spool) = (self.lane, Arc::clone(&self.spool));
        let before = blocking(lane, move || spool.life()).await?;
        let (life, now) = (Life::new(hex(&ids::random::<16>())), self.clock.now());
        let (begun, known) = (life.clone(), before.clone());
        let begins = self
            .store
            .write(move |tx| epochs::begin_a_life(tx, lane, known.as_deref(), &begun, now))
            .await?;
        if !begins {
            return Err(LaneFault::Restored { lane });
        }
        self.leave_mark(life).await
    }

    /// Renews that mark, so that a backup made before is known by it although nothing was sent and nothing
    /// started since: what else was given in that time, as the numbers of the desk, is given only once (I14).
    pub(crate) async fn live_on(&mut self) -> Result<(), LaneFault> {
        let Some(before) = self.life.clone() else { return Ok(()) };
        let (lane, life, now) = (self.lane, before.renewed(), self.clock.now());
        let next = life.clone();
        let renewed = self.store.write(move |tx| epochs::go_on(tx, lane, (&before, &next), now));
        if !renewed.await? {
            return Err(LaneFault::Restored { lane });
        }
        self.leave_mark(life).await
    }

    async fn leave_mark(&mut self, life: Life) -> Result<(), LaneFault> {
        let (spool, text) = (Arc::clone(&self.spool), life.text());
        blocking(self.lane, move || spool.set_life(&text)).await?;
        self.life = Some(life);
        Ok(())
    }

    /// Whether a bundle that was made long ago is in the folder. What is in it was looked into
    /// by starts before this one, and is by everybody who fetches it.
    async fn is_there(&mut self, row: &Row) -> Result<bool, LaneFault> {
        let (lane, spool) = (self.lane, Arc::clone(&self.spool));
        let (epoch, seq) = (row.allocated.epoch, row.allocated.seq);
        Ok(row.envelope.is_some()
            && blocking(lane, move || Ok::<_, LaneFault>(spool.has(epoch, seq))).await?)
    }

    async fn finish(&mut self, row: Row) -> Result<(), LaneFault> {
        let (lane, epoch, seq) = (self.lane, row.allocated.epoch, row.allocated.seq);
        let items = self.store.read(move |db| allocate::members(db, lane, epoch, seq)).await?;
        if let Some(envelope) = row.envelope.filter(|one| one.header.items > 0 && items.is_empty())
        {
            // They were taken out meanwhile: they go out under other numbers.
            self.last = Last { epoch, seq, hash: envelope.header.hash() };
            return Ok(());
        }
        let (spool, set, key) = (Arc::clone(&self.spool), self.keys.set(), Arc::clone(&self.key));
        let unmade = row.envelope.is_none();
        let envelope = blocking(lane, move || match row.envelope {
            Some(envelope) => restore(&spool, &envelope, &items),
            None => match spool.read(epoch, seq)? {
                Some(found) => adopt(&found, &Expect { lane, keys: &set }, &items)
                    .ok_or(LaneFault::NotRebuilt { lane, epoch, seq }),
                None => {
                    let built = bundle(&row.allocated, &items, &signer(&set, &key, lane, seq)?);
                    spool.publish(epoch, seq, &built.bytes)?;
                    Ok(built.envelope)
                }
            },
        })
        .await?;
        self.last = Last { epoch, seq, hash: envelope.header.hash() };
        if unmade {
            let (made, now) = (Made { envelope, at: self.clock.now() }, self.clock.now());
            self.store.write(move |tx| allocate::ready(tx, &made, now)).await?;
        }
        Ok(())
    }
}

/// Puts a bundle back whose header the database kept; needs no key.
pub(super) fn restore(
    spool: &SenderSpool,
    envelope: &Envelope,
    items: &[NewItem],
) -> Result<Envelope, LaneFault> {
    let header = &envelope.header;
    let (lane, epoch, seq): (Lane, u32, u64) = (header.lane, header.epoch, header.seq);
    let bytes = file(envelope, items).ok_or(LaneFault::NotRebuilt { lane, epoch, seq })?;
    spool.publish(epoch, seq, &bytes)?;
    Ok(*envelope)
}

/// The header of a file that a crash left visible before its row said so.
/// `None` when it is not the bundle of these rows.
fn adopt(found: &[u8], expect: &Expect<'_>, items: &[NewItem]) -> Option<Envelope> {
    let envelope = verify(found, expect).ok()?.verified.envelope;
    (file(&envelope, items)?.as_slice() == found).then_some(envelope)
}
