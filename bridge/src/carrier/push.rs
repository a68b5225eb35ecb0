//! Pushes a lane: asks how far the other side has it, hands over what follows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bridge_contract::bundle::{Expect, verify_closed};
use bridge_contract::keys::LiveKeys;
use bridge_contract::place::Lane;
use bridge_spool::{Fetched, Inbox, Ingested, Proof, Source, SpoolError, Waiting, Watch};
use platform_service::shutdown::Shutdown;

use super::client::{Peer, Retry, Talk, TalkFault};
use crate::RoleFault;
use crate::running::blocking;

/// Where bundles to push come from.
pub(crate) trait Shelf: Send + Sync + 'static {
    /// A whole bundle; `None` when it is not here (yet).
    fn bundle(&self, at: Fetched) -> Result<Option<Vec<u8>>, SpoolError>;
    /// The other side has everything up to here.
    fn confirmed(&self, have: Fetched) -> Result<(), SpoolError>;
    /// Tells when a bundle was added.
    fn watch(&self) -> Watch;
}

impl Shelf for Source {
    fn bundle(&self, at: Fetched) -> Result<Option<Vec<u8>>, SpoolError> {
        let found = self.read((at.epoch, at.seq), 0, u64::MAX)?;
        Ok(found.map(|(bytes, _)| bytes))
    }

    fn confirmed(&self, _: Fetched) -> Result<(), SpoolError> {
        Ok(())
    }

    fn watch(&self) -> Watch {
        Self::watch(self)
    }
}

/// Hears of a bundle, as a whole file.
pub(crate) type Tell = Box<dyn Fn(&[u8]) + Send + Sync>;

/// A lane that only passes through: it is received here and pushed on, and
/// counts as taken in once the next host has it.
pub(crate) struct Forward {
    pub(crate) inbox: Inbox,
    pub(crate) lane: Lane,
    pub(crate) keys: Arc<LiveKeys>,
    /// Hears each verified bundle that the next host has.
    pub(crate) tell: Tell,
    /// What waited at the last look at the folder, oldest first: a long line is not listed
    /// again for each bundle of it.
    pub(crate) line: Mutex<VecDeque<Waiting>>,
}

impl Forward {
    /// The bundle's place and hash when the bytes are what they were stored as; a
    /// mover may have laid something else down since.
    fn verified(&self, at: Fetched, bytes: &[u8]) -> Option<Ingested> {
        let verified =
            verify_closed(bytes, &Expect { lane: self.lane, keys: &self.keys.set() }).ok()?;
        let header = verified.header();
        let is_it = (header.epoch, header.seq) == (at.epoch, at.seq);
        is_it.then_some(Ingested { epoch: at.epoch, seq: at.seq, hash: verified.hash })
    }

    /// Sets aside what is no bundle, so that it is brought again (I17).
    fn refuse(&self, at: Fetched, bytes: &[u8]) -> Result<(), SpoolError> {
        tracing::warn!(lane = %self.lane, seq = at.seq, "a file is not an acceptable bundle");
        let waiting = self.inbox.waiting()?;
        let found = waiting.iter().find(|one| (one.epoch, one.seq) == (at.epoch, at.seq));
        let keys = self.keys.set();
        let expect = Expect { lane: self.lane, keys: &keys };
        found.map_or(Ok(()), |bundle| self.inbox.refuse(bundle, bytes, &expect).map(drop))
    }
}

impl Shelf for Forward {
    fn bundle(&self, at: Fetched) -> Result<Option<Vec<u8>>, SpoolError> {
        let found = self.inbox.read(at.epoch, at.seq)?;
        if let Some(bytes) = &found
            && self.verified(at, bytes).is_none()
        {
            self.refuse(at, bytes)?;
            return Ok(None);
        }
        Ok(found)
    }

    fn confirmed(&self, have: Fetched) -> Result<(), SpoolError> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.is_empty() {
            line.extend(self.inbox.waiting()?);
        }
        while let Some(bundle) = line.pop_front() {
            if (bundle.epoch, bundle.seq) > (have.epoch, have.seq) {
                // Unless it is the very next, another may have come before it.
                if (bundle.epoch, bundle.seq) == (have.epoch, have.seq.saturating_add(1)) {
                    line.push_front(bundle);
                } else {
                    line.clear();
                }
                break;
            }
            let at = Fetched { epoch: bundle.epoch, seq: bundle.seq };
            let bytes = bundle.read()?;
            let Some(passed) = self.verified(at, &bytes) else {
                self.refuse(at, &bytes)?;
                continue;
            };
            (self.tell)(&bytes);
            let before = self.inbox.ingested().map_or((0, 0), |at| (at.epoch, at.seq));
            if (passed.epoch, passed.seq) > before {
                self.inbox.record_ingested(&passed)?;
            }
            self.inbox.done(&bundle, &Proof::Bytes(&bytes))?;
        }
        Ok(())
    }

    fn watch(&self) -> Watch {
        self.inbox.watch()
    }
}

enum Trouble {
    Role(RoleFault),
    Talk(TalkFault),
}

impl From<TalkFault> for Trouble {
    fn from(fault: TalkFault) -> Self {
        Self::Talk(fault)
    }
}

impl From<RoleFault> for Trouble {
    fn from(fault: RoleFault) -> Self {
        Self::Role(fault)
    }
}

/// Pushes a lane until told to stop.
///
/// # Errors
/// [`RoleFault`] when the spool cannot be read; a lost connection is no error.
pub(crate) async fn push<S: Shelf>(
    peer: Peer,
    lane: Lane,
    shelf: Arc<S>,
    shutdown: Shutdown,
) -> Result<(), RoleFault> {
    let watch = shelf.watch();
    let mut retry = Retry::new();
    while !shutdown.is_triggered() {
        let ended = tokio::select! {
            ended = session(&peer, lane, &shelf, &watch, &mut retry) => ended,
            () = shutdown.wait() => return Ok(()),
        };
        match ended {
            Trouble::Role(fault) => return Err(fault),
            Trouble::Talk(fault) => tracing::warn!(%lane, %fault, "pushing was interrupted"),
        }
        retry.wait(&shutdown).await;
    }
    Ok(())
}

async fn session<S: Shelf>(
    peer: &Peer,
    lane: Lane,
    shelf: &Arc<S>,
    watch: &Watch,
    retry: &mut Retry,
) -> Trouble {
    let mut talk = match peer.connect().await {
        Ok(talk) => talk,
        Err(fault) => return fault.into(),
    };
    tracing::info!(%lane, "connected for pushing");
    loop {
        match round(&mut talk, lane, shelf).await {
            Ok(()) => retry.reset(),
            Err(trouble) => return trouble,
        }
        watch.changed().await;
    }
}

/// Hands over everything the other side has not.
async fn round<S: Shelf>(talk: &mut Talk, lane: Lane, shelf: &Arc<S>) -> Result<(), Trouble> {
    let mut have = talk.have(lane).await?;
    loop {
        // What a neighbour says is believed no further than arithmetic goes.
        let seq = have.seq.checked_add(1).ok_or(TalkFault::WrongAnswer)?;
        let at = Fetched { epoch: have.epoch, seq };
        let here = Arc::clone(shelf);
        let next = blocking(move || {
            here.confirmed(have)?;
            here.bundle(at)
        })
        .await?;
        let Some(bundle) = next else { return Ok(()) };
        let after = talk.put(lane, at, bundle).await?;
        // Nor does it go on for ever with somebody who says less each time.
        if (after.epoch, after.seq) <= (have.epoch, have.seq) {
            return Err(
                TalkFault::Bad(format!("bundle e{}-{} was not kept", at.epoch, at.seq)).into()
            );
        }
        have = after;
    }
}
