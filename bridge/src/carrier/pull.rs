//! Pulls a lane: asks how far it is, fetches what is missing, keeps it.

use std::sync::Arc;
use std::time::Duration;

use bridge_contract::bundle::{BYTES_HARD, Expect, PREFIX_BYTES, verify_closed, verify_prefix};
use bridge_contract::head::Head;
use bridge_contract::keys::LiveKeys;
use bridge_contract::place::Lane;
use bridge_spool::{Fetched, Pressure, ReceiverSpool};
use platform_service::shutdown::Shutdown;

use super::client::{Peer, Retry, Talk, TalkFault};
use crate::RoleFault;
use crate::running::blocking;

/// Time before the next look when not all came that the head promises.
const PAUSE: Duration = Duration::from_secs(1);

/// What went wrong: the disk (stop) or the conversation (dial again).
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

/// Pulls a lane until told to stop.
///
/// # Errors
/// [`RoleFault`] when the spool cannot be written; a lost connection is no error.
pub(crate) async fn pull(
    peer: Peer,
    lane: Lane,
    spool: Arc<ReceiverSpool>,
    keys: Arc<LiveKeys>,
    pressure: Pressure,
    shutdown: Shutdown,
) -> Result<(), RoleFault> {
    let mut puller = Puller { lane, spool, keys, pressure, newest: (0, 0) };
    let mut retry = Retry::new();
    while !shutdown.is_triggered() {
        let ended = tokio::select! {
            ended = puller.session(&peer, &mut retry) => ended,
            () = shutdown.wait() => return Ok(()),
        };
        match ended {
            Trouble::Role(fault) => return Err(fault),
            Trouble::Talk(fault) => tracing::warn!(%lane, %fault, "pulling was interrupted"),
        }
        retry.wait(&shutdown).await;
    }
    Ok(())
}

struct Puller {
    lane: Lane,
    spool: Arc<ReceiverSpool>,
    keys: Arc<LiveKeys>,
    pressure: Pressure,
    /// Epoch and number of the newest bundle that this process kept.
    newest: (u32, u64),
}

impl Puller {
    /// One connection, as long as it holds.
    async fn session(&mut self, peer: &Peer, retry: &mut Retry) -> Trouble {
        let mut talk = match peer.connect().await {
            Ok(talk) => talk,
            Err(fault) => return fault.into(),
        };
        tracing::info!(lane = %self.lane, "connected for pulling");
        loop {
            match self.round(&mut talk).await {
                Ok(()) => retry.reset(),
                Err(trouble) => return trouble,
            }
        }
    }

    /// Asks once and fetches everything new.
    async fn round(&mut self, talk: &mut Talk) -> Result<(), Trouble> {
        let spool = Arc::clone(&self.spool);
        let have = blocking(move || spool.fetched()).await?;
        let head = talk.head(self.lane, have).await?;
        if head.is_empty() {
            return Ok(());
        }
        let seen = Head::open(&head, self.lane, &self.keys.set())
            .map_err(|fault| TalkFault::Bad(fault.to_string()))?;
        let spool = Arc::clone(&self.spool);
        blocking(move || spool.note_head(&head)).await?;
        if (seen.epoch, seen.seq) < (have.epoch, have.seq) {
            tracing::error!(lane = %self.lane, head = seen.seq, have = have.seq,
                "the sender is behind what it sent before; was it restored?");
        }
        let mut seq = have.seq;
        while seq < seen.seq && !self.pressure.is_full() {
            let at = Fetched { epoch: have.epoch, seq: seq + 1 };
            let Some(bundle) = self.fetch(talk, at).await? else { break };
            let spool = Arc::clone(&self.spool);
            blocking(move || spool.store((at.epoch, at.seq), &bundle)).await?;
            self.newest = self.newest.max((at.epoch, at.seq));
            seq = at.seq;
        }
        if (have.epoch, seq) < (seen.epoch, seen.seq) {
            // No room here, a bundle that is lost there, an epoch that begins: asked at once, the
            // answer is the same. What is not fetched stays with its sender, who stops accepting in time.
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// One whole bundle; `None` when the other side has it not. Its header is verified; its body is
    /// hashed by who takes it in, before a byte of it counts, and once is enough. What comes
    /// again was set aside there, so it is looked into before it is kept: who spoils bundles hears
    /// no more than one question for each.
    async fn fetch(&self, talk: &mut Talk, at: Fetched) -> Result<Option<Vec<u8>>, Trouble> {
        let Some((mut bundle, size)) = talk.get(self.lane, at, 0).await? else { return Ok(None) };
        // The header is verified before more is asked for.
        let keys = self.keys.set();
        let expect = Expect { lane: self.lane, keys: &keys };
        let first = &bundle[..bundle.len().min(PREFIX_BYTES)];
        let verified = match verify_prefix(first, &expect) {
            Ok(verified) => verified,
            Err(fault) => return self.refuse(at, bundle, &fault.to_string()).await,
        };
        let whole = verified.file_bytes();
        if size != whole || (verified.header().epoch, verified.header().seq) != (at.epoch, at.seq) {
            return self.refuse(at, bundle, "its size or number is not the header's").await;
        }
        while (bundle.len() as u64) < whole && bundle.len() < BYTES_HARD {
            let more = talk.get(self.lane, at, bundle.len() as u64).await?;
            match more {
                Some((piece, _)) if !piece.is_empty() => bundle.extend_from_slice(&piece),
                Some(_) | None => return Err(TalkFault::WrongAnswer.into()),
            }
        }
        if (at.epoch, at.seq) > self.newest {
            return Ok(Some(bundle));
        }
        let (lane, keys) = (self.lane, Arc::clone(&keys));
        let checked = blocking(move || {
            let verdict = verify_closed(&bundle, &Expect { lane, keys: &keys }).map(|_| ());
            Ok::<_, RoleFault>((bundle, verdict))
        })
        .await?;
        match checked {
            (bundle, Ok(())) => Ok(Some(bundle)),
            (bundle, Err(fault)) => self.refuse(at, bundle, &fault.to_string()).await,
        }
    }

    /// Keeps what is no bundle for operators, and ends the conversation, so
    /// that the next try comes later.
    async fn refuse(
        &self,
        at: Fetched,
        bytes: Vec<u8>,
        why: &str,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        let spool = Arc::clone(&self.spool);
        blocking(move || spool.reject((at.epoch, at.seq), &bytes)).await?;
        Err(TalkFault::Bad(format!("bundle e{}-{}: {why}", at.epoch, at.seq)).into())
    }
}
