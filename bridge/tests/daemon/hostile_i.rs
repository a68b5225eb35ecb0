//! A host that is dialled, in the hands of somebody else: I toward S, S toward L, B toward A. It
//! has the host's transport key, answers the questions, and every answer is wrong in another way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::keys::KeyFolder;
use bridge_contract::place::Host;
use platform_testkit::careless::Careless;
use rustls::crypto::ring as provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version::TLS13};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The longest that one connection is kept busy.
const SLOW: Duration = Duration::from_secs(2);
/// Questions in that time of somebody who does not ask at once what was answered just now.
const CALM: usize = 10;

/// A way of being wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Hangs up before the handshake.
    HangsUp,
    /// Speaks no TLS.
    Plain,
    /// Speaks another protocol within TLS.
    OtherProtocol,
    /// Says nothing for a while.
    Silent,
    /// Answers noise.
    Noise,
    /// Promises four gigabytes.
    HugeFrame,
    /// Promises as much as is allowed and drips byte after byte.
    Drip,
    /// A head that nobody signed.
    ForgedHead,
    /// The head of another lane's length: too long by far.
    EndlessHead,
    /// Says that it has more than there is.
    HasAll,
    /// Says of each bundle that is brought that it has none.
    TakesNothing,
    /// A true head, and never what it promises.
    Promises,
    /// A true head, then a bundle that nobody signed.
    ForgedBundle,
    /// A true head, then a bundle that claims an absurd size.
    HugeBundle,
    /// A true head, then hangs up in the middle of a piece.
    HalfAPiece,
    /// Answers that were not asked for, as fast as they go.
    Flood,
    /// Closes its own direction and keeps the other open.
    HalfClosed,
}

impl Manner {
    pub(crate) const ALL: [Self; 17] = [
        Self::HangsUp,
        Self::Plain,
        Self::OtherProtocol,
        Self::Silent,
        Self::Noise,
        Self::HugeFrame,
        Self::Drip,
        Self::ForgedHead,
        Self::EndlessHead,
        Self::HasAll,
        Self::TakesNothing,
        Self::Promises,
        Self::ForgedBundle,
        Self::HugeBundle,
        Self::HalfAPiece,
        Self::Flood,
        Self::HalfClosed,
    ];
}

/// Answers so many connections, each in the next manner.
pub(crate) async fn listen(
    (keys, host): (&KeyFolder, Host),
    at: SocketAddr,
    head: &[u8],
    connections: usize,
) {
    let listener = TcpListener::bind(at).await.expect("the port is free");
    let mut talks = tokio::task::JoinSet::new();
    for manner in Manner::ALL.into_iter().cycle().take(connections) {
        let patient = timeout(platform_testkit::PATIENCE, listener.accept()).await;
        let (stream, _) = patient.expect("it dials again").expect("it listens");
        let alpn: &[u8] = match manner {
            Manner::OtherProtocol => b"h2",
            _ => b"madoguchi-bridge/1",
        };
        let (tls, head) = (acceptor((keys, host), alpn), head.to_vec());
        talks.spawn(async move {
            let _ = timeout(SLOW, talk(stream, tls, manner, &head)).await;
        });
    }
    talks.join_all().await;
}

/// Answers so many connections with a true head and this bundle.
pub(crate) async fn serve(
    (keys, host): (&KeyFolder, Host),
    at: SocketAddr,
    (head, bundle): (&[u8], &[u8]),
    connections: usize,
) {
    let listener = TcpListener::bind(at).await.expect("the port is free");
    let tls = acceptor((keys, host), b"madoguchi-bridge/1");
    for _ in 0..connections {
        let patient = timeout(Duration::from_secs(30), listener.accept()).await;
        let (stream, _) = patient.expect("it dials again").expect("it listens");
        let _ = timeout(SLOW, answer_all(stream, &tls, (head, bundle))).await;
    }
}

async fn answer_all(
    stream: TcpStream,
    tls: &TlsAcceptor,
    (head, bundle): (&[u8], &[u8]),
) -> std::io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    loop {
        let answer = match question(&mut stream).await? {
            2 => piece_answer(bundle.len() as u64, bundle),
            _ => head_answer(head),
        };
        stream.write_all(&answer).await?;
        stream.flush().await?;
    }
}

/// One conversation. Whatever is done about it is fine here.
async fn talk(
    mut stream: TcpStream,
    tls: TlsAcceptor,
    manner: Manner,
    head: &[u8],
) -> std::io::Result<()> {
    match manner {
        Manner::HangsUp => return Ok(()),
        Manner::Plain => return stream.write_all(&[b'x'; 4096]).await,
        _ => {}
    }
    let mut stream = tls.accept(stream).await?;
    for asked in 1.. {
        let asked_for_a_piece = question(&mut stream).await? == 2;
        assert!(manner != Manner::Promises || asked < CALM, "it asks again and again");
        match (manner, asked_for_a_piece) {
            (Manner::Silent, _) => std::future::pending::<()>().await,
            (Manner::Noise, _) => stream.write_all(&[0x5a; 600]).await?,
            (Manner::HugeFrame, _) => stream.write_all(&[0xff; 64]).await?,
            (Manner::Drip, _) => loop {
                stream.write_all(&[0, 0x3f, 0, 0]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            },
            (Manner::ForgedHead, _) => {
                let mut forged = head.to_vec();
                forged[28] ^= 0x40;
                stream.write_all(&head_answer(&forged)).await?;
            }
            (Manner::EndlessHead, _) => {
                stream.write_all(&head_answer(&vec![0x4d; 1 << 20])).await?;
            }
            (Manner::Flood, _) => {
                for _ in 0..200 {
                    stream.write_all(&head_answer(head)).await?;
                }
            }
            (Manner::HalfClosed, _) => {
                stream.shutdown().await?;
                std::future::pending::<()>().await;
            }
            (Manner::HalfAPiece, true) => {
                stream.write_all(&piece_answer(1 << 20, &[1; 4096])[..2048]).await?;
                return Ok(());
            }
            (Manner::HugeBundle, true) => {
                stream.write_all(&piece_answer(u64::MAX, &[0x4d; 1 << 16])).await?;
            }
            (Manner::HasAll, _) => stream.write_all(&frame(&HAVE_ALL)).await?,
            (Manner::TakesNothing, _) => stream.write_all(&frame(&HAVE_NONE)).await?,
            (Manner::Promises, true) => stream.write_all(&frame(&[4])).await?,
            (Manner::ForgedBundle, true) => {
                stream.write_all(&piece_answer(1400, &[0x4d; 1400])).await?;
            }
            _ => stream.write_all(&head_answer(head)).await?,
        }
        stream.flush().await?;
    }
    Ok(())
}

/// `Have`: epoch 1, the last number there is.
const HAVE_ALL: [u8; 13] = [2, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255];

/// `Have`: epoch 1, nothing.
const HAVE_NONE: [u8; 13] = [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

/// The verb of the next question.
async fn question(stream: &mut TlsStream<TcpStream>) -> std::io::Result<u8> {
    let length = stream.read_u32().await?;
    let mut ask = vec![0; length.min(1 << 20) as usize];
    stream.read_exact(&mut ask).await?;
    Ok(ask.first().copied().unwrap_or(0))
}

fn head_answer(head: &[u8]) -> Vec<u8> {
    frame(&[&[1], length(head).as_slice(), head].concat())
}

fn piece_answer(size: u64, piece: &[u8]) -> Vec<u8> {
    frame(&[&[3], size.to_be_bytes().as_slice(), length(piece).as_slice(), piece].concat())
}

fn frame(bytes: &[u8]) -> Vec<u8> {
    [length(bytes).as_slice(), bytes].concat()
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).expect("short").to_be_bytes()
}

fn acceptor((keys, host): (&KeyFolder, Host), alpn: &[u8]) -> TlsAcceptor {
    let document = keys.transport(host).expect("a key of this host");
    let der = PrivatePkcs8KeyDer::from(document.as_slice());
    let key = provider::sign::any_eddsa_type(&der).expect("Ed25519");
    let shown = CertificateDer::from(key.public_key().expect("a public half").as_ref().to_vec());
    let own = Arc::new(CertifiedKey::new(vec![shown], key));
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(Arc::new(Careless))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(own)));
    config.alpn_protocols = vec![alpn.to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
