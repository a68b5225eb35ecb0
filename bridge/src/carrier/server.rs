//! The listening side: answers the three verbs for its lanes and knows no more.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::bundle::{Expect, verify_closed};
use bridge_contract::carrier::{Answer, Fetched, LARGEST_ASK, LARGEST_PUT, PIECE, Request};
use bridge_contract::keys::{KeySet, LiveKeys};
use bridge_contract::place::Lane;
use bridge_spool::{ReceiverSpool, Source, SpoolError, Watch};
use platform_service::shutdown::Shutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::frame::{self, FrameFault};
use super::{HANDSHAKE, LONGEST_WAIT};
use crate::RoleFault;
use crate::running::blocking;

/// Connections at once; a peer needs one a lane.
const CONNECTIONS: usize = 16;
/// Strangers that are shaking hands at once; they take no place from peers.
const STRANGERS: usize = 64;
/// Bundles that are received at once, so that memory stays bounded.
const PUTS: usize = 2;

/// A lane this listener has something to do with.
pub(crate) enum Served {
    /// Its bundles are fetched from here.
    Sent(Arc<Source>),
    /// Its bundles are brought here.
    Received(Arc<ReceiverSpool>),
}

/// What a listener answers from.
pub(crate) struct Desk {
    lanes: BTreeMap<Lane, (Served, watch::Receiver<()>)>,
    keys: Arc<LiveKeys>,
    puts: Semaphore,
}

impl Desk {
    /// A desk for these lanes; each lane's folder is watched once for all
    /// connections.
    pub(crate) fn new(
        lanes: impl IntoIterator<Item = (Lane, Served)>,
        keys: Arc<LiveKeys>,
        shutdown: &Shutdown,
    ) -> Self {
        let lanes = lanes
            .into_iter()
            .map(|(lane, served)| {
                let folder = match &served {
                    Served::Sent(source) => source.watch(),
                    Served::Received(spool) => spool.watch(),
                };
                (lane, (served, bell(folder, shutdown.clone())))
            })
            .collect();
        Self { lanes, keys, puts: Semaphore::new(PUTS) }
    }

    /// Largest request that makes sense here.
    fn limit(&self) -> usize {
        let receives = self.lanes.values().any(|(served, _)| matches!(served, Served::Received(_)));
        if receives { LARGEST_PUT } else { LARGEST_ASK }
    }

    async fn answer(&self, request: Request) -> Result<Answer, RoleFault> {
        match request {
            Request::Head { lane, known, wait_ms } => self.head(lane, known, wait_ms).await,
            Request::Get { lane, at, offset } => self.get(lane, at, offset).await,
            Request::Put { lane, at, bundle } => self.put(lane, at, bundle).await,
        }
    }

    async fn head(&self, lane: Lane, known: Fetched, wait_ms: u32) -> Result<Answer, RoleFault> {
        let Some((served, news)) = self.lanes.get(&lane) else { return Ok(Answer::Refused) };
        let source = match served {
            Served::Received(spool) => return have(spool).await,
            Served::Sent(source) => source,
        };
        let wait = Duration::from_millis(u64::from(wait_ms)).min(LONGEST_WAIT);
        let (deadline, mut news) = (Instant::now() + wait, news.clone());
        loop {
            news.mark_unchanged();
            let (source, keys) = (Arc::clone(source), self.keys.set());
            let head = blocking(move || source.head()).await?.unwrap_or_default();
            let at = bridge_contract::head::Head::open(&head, lane, &keys).ok();
            let moved = at.as_ref().is_some_and(|at| (at.epoch, at.seq) > (known.epoch, known.seq));
            // A head that is not whole yet counts as none.
            let head = if at.is_some() { head } else { Vec::new() };
            if moved || timeout_at(deadline, news.changed()).await.is_err() {
                return Ok(Answer::Head(head));
            }
        }
    }

    async fn get(&self, lane: Lane, at: Fetched, offset: u64) -> Result<Answer, RoleFault> {
        let Some((Served::Sent(source), _)) = self.lanes.get(&lane) else {
            return Ok(Answer::Refused);
        };
        let source = Arc::clone(source);
        let piece = blocking(move || source.read((at.epoch, at.seq), offset, PIECE)).await?;
        Ok(match piece {
            Some((bytes, size)) => Answer::Piece { size, bytes },
            None => Answer::Absent,
        })
    }

    async fn put(&self, lane: Lane, at: Fetched, bundle: Vec<u8>) -> Result<Answer, RoleFault> {
        let Some((Served::Received(spool), _)) = self.lanes.get(&lane) else {
            return Ok(Answer::Refused);
        };
        // A full spool takes this in as well: receipts come this way, and they make room.
        let (spool, keys) = (Arc::clone(spool), self.keys.set());
        blocking(move || keep(&spool, lane, at, &bundle, &keys)).await
    }
}

async fn have(spool: &Arc<ReceiverSpool>) -> Result<Answer, RoleFault> {
    let spool = Arc::clone(spool);
    blocking(move || spool.fetched()).await.map(Answer::Have)
}

/// Keeps a bundle that is next in line; the answer leaves after it is durable (I6).
fn keep(
    spool: &ReceiverSpool,
    lane: Lane,
    at: Fetched,
    bundle: &[u8],
    keys: &KeySet,
) -> Result<Answer, SpoolError> {
    let place = (at.epoch, at.seq);
    if !spool.follows(place)? {
        return spool.fetched().map(Answer::Have);
    }
    match verify_closed(bundle, &Expect { lane, keys }) {
        Ok(verified) if (verified.header().epoch, verified.header().seq) == place => {
            spool.store(place, bundle)?;
            Ok(Answer::Have(at))
        }
        Ok(_) => refuse(spool, place, bundle, "its number is not the header's"),
        Err(fault) => refuse(spool, place, bundle, &fault.to_string()),
    }
}

fn refuse(
    spool: &ReceiverSpool,
    (epoch, seq): (u32, u64),
    bundle: &[u8],
    why: &str,
) -> Result<Answer, SpoolError> {
    tracing::warn!(epoch, seq, %why, "a bundle that was brought is not acceptable");
    spool.reject((epoch, seq), bundle)?;
    Ok(Answer::Refused)
}

/// Rings for all connections when a folder may have changed.
fn bell(folder: Watch, shutdown: Shutdown) -> watch::Receiver<()> {
    let (ring, rung) = watch::channel(());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = folder.changed() => ring.send_replace(()),
                () = shutdown.wait() => return,
            };
        }
    });
    rung
}

/// Answers on a listener until told to stop.
///
/// # Errors
/// [`RoleFault`] when a spool cannot be used; what a peer does is no error.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    desk: Arc<Desk>,
    shutdown: Shutdown,
) -> Result<(), RoleFault> {
    let door = Arc::new(Semaphore::new(STRANGERS));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut talks = tokio::task::JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            Some(ended) = talks.join_next(), if !talks.is_empty() => {
                match ended {
                    Ok(Err(fault)) => return Err(fault),
                    Ok(Ok(())) | Err(_) => continue,
                }
            }
            () = shutdown.wait() => return Ok(()),
        };
        let Ok(greeting) = Arc::clone(&door).try_acquire_owned() else { continue };
        let (tls, places) = (tls.clone(), Arc::clone(&places));
        let (desk, stop) = (Arc::clone(&desk), shutdown.clone());
        talks.spawn(async move {
            let talking = async {
                let stream = shake_hands(stream, tls).await;
                drop(greeting);
                let Ok(_place) = places.try_acquire() else { return Ok(()) };
                talk(stream, &desk).await
            };
            tokio::select! {
                ended = talking => ended,
                () = stop.wait() => Ok(()),
            }
        });
    }
}

/// One connection. Ends with `Err` only when a spool is at fault.
async fn talk(stream: io::Result<TlsStream<TcpStream>>, desk: &Desk) -> Result<(), RoleFault> {
    let mut stream = match stream {
        Ok(stream) => stream,
        Err(error) => {
            tracing::warn!(%error, "a handshake failed");
            return Ok(());
        }
    };
    // Who may speak here is asked anew when the key set changes.
    let version = desk.keys.set().version;
    while desk.keys.set().version == version {
        match exchange(&mut stream, desk).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(Ended::Frame(fault)) => {
                tracing::info!(%fault, "a connection ended");
                return Ok(());
            }
            Err(Ended::Role(fault)) => return Err(fault),
        }
    }
    Ok(())
}

async fn shake_hands(stream: TcpStream, tls: TlsAcceptor) -> io::Result<TlsStream<TcpStream>> {
    stream.set_nodelay(true)?;
    timeout(HANDSHAKE, tls.accept(stream)).await.map_err(|_| io::ErrorKind::TimedOut)?
}

enum Ended {
    Frame(FrameFault),
    Role(RoleFault),
}

impl From<FrameFault> for Ended {
    fn from(fault: FrameFault) -> Self {
        Self::Frame(fault)
    }
}

/// One question and its answer; `false` when the other side is done.
async fn exchange<S>(stream: &mut S, desk: &Desk) -> Result<bool, Ended>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(length) = frame::length(stream, desk.limit()).await? else { return Ok(false) };
    // A bundle is held in memory from its first byte to its last sync.
    let _room = match length > LARGEST_ASK {
        true => desk.puts.acquire().await.ok(),
        false => None,
    };
    let request: Request = frame::body(stream, length).await?;
    let answer = desk.answer(request).await.map_err(Ended::Role)?;
    let refused = answer == Answer::Refused;
    frame::write(stream, &answer).await?;
    Ok(!refused)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bridge_contract::keys::{KeyFolder, new_keys};
    use bridge_contract::place::{Environment, Tenant};
    use bridge_contract::wire::encode;
    use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::task::JoinHandle;

    use super::super::{FRAME, IDLE};
    use super::*;
    use crate::own_lane::identity;

    /// I18: what the page of the carrier promises is what is kept.
    #[test]
    fn the_limits_are_those_that_are_written_down() {
        let page = include_str!("../../../docs/wire/carrier.md").replace('\n', " ");
        let written = format!(
            "handshake {} s, a frame {} s from its first byte, a silent dialler {} s; \
             {LARGEST_ASK} bytes an ask, 64 MiB and 64 bytes a put, two puts in memory at once; \
             {CONNECTIONS} peers and {STRANGERS} strangers",
            HANDSHAKE.as_secs(),
            FRAME.as_secs(),
            IDLE.as_secs()
        );
        assert!(page.contains(&written), "{written}");
        assert_eq!((PUTS, LARGEST_PUT), (2, (64 << 20) + 64));
        assert!(page.contains("wait (≤ 20 s)") && LONGEST_WAIT.as_secs() == 20);
        assert!(page.contains("(≤ 4 MiB)") && PIECE == 4 << 20);
    }

    /// Host I, which takes publications in.
    fn desk(dir: &Path) -> Arc<Desk> {
        let tenant = Tenant::parse("mirai").expect("a good name");
        new_keys(tenant, Environment::Demo).write(dir).expect("written");
        let keys = KeyFolder::open(&dir.join("i")).expect("a key folder");
        let spool = ReceiverSpool::open(&dir.join("spool"), &identity(keys.set(), Lane::PubCtl));
        let served = Served::Received(Arc::new(spool.expect("free")));
        Arc::new(Desk::new([(Lane::PubCtl, served)], keys.live(), &Shutdown::new()))
    }

    /// Hears one question, of which so many bytes come now.
    async fn asked(desk: &Arc<Desk>, frame: &[u8]) -> (DuplexStream, JoinHandle<bool>) {
        let (mut far, mut near) = duplex(4096);
        far.write_all(frame).await.expect("room");
        let desk = Arc::clone(desk);
        let talk = async move { exchange(&mut near, &desk).await.is_ok() };
        (far, tokio::spawn(talk))
    }

    /// I18: who brings bundles too slowly holds a place in memory for a minute and no longer;
    /// the third waits for a place, and what is short passes meanwhile.
    #[tokio::test(start_paused = true)]
    async fn a_slow_writer_gives_its_place_up_after_a_minute() {
        let dir = tempfile::tempdir().expect("a folder");
        let desk = desk(dir.path());
        let (lane, at) = (Lane::PubCtl, Fetched { epoch: 1, seq: 1 });
        let frame = |request: &Request| {
            let bytes = encode(request);
            let length = u32::try_from(bytes.len()).expect("short");
            [length.to_be_bytes().as_slice(), &bytes].concat()
        };
        let put = frame(&Request::Put { lane, at, bundle: vec![7; 1_000] });
        let mut slow = Vec::new();
        for _ in 0..PUTS {
            slow.push(asked(&desk, &put[..500]).await);
        }
        let began = Instant::now();
        let (_third, waits) = asked(&desk, &put).await;
        let (_short, passes) =
            asked(&desk, &frame(&Request::Head { lane, known: at, wait_ms: 0 })).await;
        assert!(passes.await.expect("no panic"), "it is answered");
        assert!(began.elapsed() < FRAME && !waits.is_finished());
        assert!(waits.await.expect("no panic"), "it is answered, too, in the end");
        let waited = began.elapsed();
        assert!(waited >= FRAME && waited < FRAME + IDLE, "{waited:?}");
        for (_far, cut) in slow {
            assert!(!cut.await.expect("no panic"), "it was cut off");
        }
    }
}
