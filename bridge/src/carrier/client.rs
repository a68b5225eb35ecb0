//! The dialling side: one connection, asked one thing at a time.

use std::sync::Arc;
use std::time::Duration;

use bridge_contract::carrier::{Answer, Fetched, LARGEST_ANSWER, Request};
use bridge_contract::keys::LiveKeys;
use bridge_contract::place::Lane;
use platform_service::shutdown::Shutdown;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::frame::{self, FrameFault};
use super::{HANDSHAKE, RETRY_FIRST, RETRY_LAST, WAIT};

/// Why a conversation ended. The connection is dropped and dialled anew.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TalkFault {
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("the other side does not answer")]
    Silent,
    #[error("{0}")]
    Frame(String),
    #[error("the other side closed the connection")]
    Closed,
    #[error("the key set is a newer one; the other side is asked anew who it is")]
    NewKeys,
    #[error("the other side refused")]
    Refused,
    #[error("the answer does not fit the question")]
    WrongAnswer,
    #[error("not acceptable: {0}")]
    Bad(String),
}

impl From<FrameFault> for TalkFault {
    fn from(fault: FrameFault) -> Self {
        Self::Frame(fault.to_string())
    }
}

/// Whom to dial, and how.
#[derive(Clone)]
pub(crate) struct Peer {
    /// `host:port`.
    pub(crate) address: String,
    pub(crate) tls: TlsConnector,
    /// Whom to trust.
    pub(crate) keys: Arc<LiveKeys>,
}

impl Peer {
    pub(super) async fn connect(&self) -> Result<Talk, TalkFault> {
        let dial = async {
            let stream = TcpStream::connect(&self.address).await?;
            stream.set_nodelay(true)?;
            // Not sent and not looked at: the key is what counts.
            let name = ServerName::try_from("bridge.invalid").map_err(std::io::Error::other)?;
            self.tls.connect(name, stream).await
        };
        let stream = timeout(HANDSHAKE, dial).await.map_err(|_| TalkFault::Silent)?;
        let (stream, keys) = (stream.map_err(TalkFault::Connect)?, Arc::clone(&self.keys));
        Ok(Talk { stream, version: keys.set().version, keys })
    }
}

/// A connection to a listener.
pub(super) struct Talk {
    stream: TlsStream<TcpStream>,
    keys: Arc<LiveKeys>,
    /// Version of the key set when the other side was asked who it is.
    version: u32,
}

impl Talk {
    async fn ask(&mut self, request: &Request, patience: Duration) -> Result<Answer, TalkFault> {
        if self.keys.set().version != self.version {
            return Err(TalkFault::NewKeys);
        }
        frame::write(&mut self.stream, request).await?;
        let answer = timeout(patience, frame::read(&mut self.stream, LARGEST_ANSWER)).await;
        answer.map_err(|_| TalkFault::Silent)??.ok_or(TalkFault::Closed)
    }

    /// The signed head of a lane the other side sends, once it is past `known`
    /// or a moment has gone by; empty before the first.
    pub(super) async fn head(&mut self, lane: Lane, known: Fetched) -> Result<Vec<u8>, TalkFault> {
        match self.ask(&Self::wait_for(lane, known), WAIT + HANDSHAKE).await? {
            Answer::Head(head) => Ok(head),
            other => Err(unexpected(&other)),
        }
    }

    /// How far the other side has a lane it receives.
    pub(super) async fn have(&mut self, lane: Lane) -> Result<Fetched, TalkFault> {
        let known = Fetched { epoch: 0, seq: 0 };
        let request = Request::Head { lane, known, wait_ms: 0 };
        match self.ask(&request, HANDSHAKE).await? {
            Answer::Have(have) => Ok(have),
            other => Err(unexpected(&other)),
        }
    }

    /// A piece of a bundle and the whole size; `None` when there is no such bundle.
    pub(super) async fn get(
        &mut self,
        lane: Lane,
        at: Fetched,
        offset: u64,
    ) -> Result<Option<(Vec<u8>, u64)>, TalkFault> {
        match self.ask(&Request::Get { lane, at, offset }, super::FRAME).await? {
            Answer::Piece { size, bytes } => Ok(Some((bytes, size))),
            Answer::Absent => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// Hands a bundle over. The answer is how far the other side has the lane.
    pub(super) async fn put(
        &mut self,
        lane: Lane,
        at: Fetched,
        bundle: Vec<u8>,
    ) -> Result<Fetched, TalkFault> {
        match self.ask(&Request::Put { lane, at, bundle }, super::FRAME).await? {
            Answer::Have(have) => Ok(have),
            other => Err(unexpected(&other)),
        }
    }

    fn wait_for(lane: Lane, known: Fetched) -> Request {
        let wait_ms = u32::try_from(WAIT.as_millis()).unwrap_or(u32::MAX);
        Request::Head { lane, known, wait_ms }
    }
}

fn unexpected(answer: &Answer) -> TalkFault {
    match answer {
        Answer::Refused => TalkFault::Refused,
        Answer::Head(_) | Answer::Have(_) | Answer::Piece { .. } | Answer::Absent => {
            TalkFault::WrongAnswer
        }
    }
}

/// Growing waits between tries.
pub(super) struct Retry(Duration);

impl Retry {
    pub(super) const fn new() -> Self {
        Self(RETRY_FIRST)
    }

    pub(super) const fn reset(&mut self) {
        self.0 = RETRY_FIRST;
    }

    pub(super) async fn wait(&mut self, shutdown: &Shutdown) {
        tokio::select! {
            () = tokio::time::sleep(self.0) => {}
            () = shutdown.wait() => {}
        }
        self.0 = (self.0 * 2).min(RETRY_LAST);
    }
}
