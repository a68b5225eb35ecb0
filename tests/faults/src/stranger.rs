//! A peer that means harm: it has a host's transport key, and no other one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bridge_contract::bundle::{Draft, NewItem, Signer, build};
use bridge_contract::digest::Digest;
use bridge_contract::head::Head;
use bridge_contract::keys::{KeyFolder, SigningKey};
use bridge_contract::place::{Host, Lane};
use jiff::Timestamp;
use platform_testkit::careless::Careless;
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::crypto::ring as provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The protocol's name in the handshake.
const ALPN: &[u8] = b"madoguchi-bridge/1";

/// Somebody with the transport key of a host.
pub struct Stranger {
    keys: KeyFolder,
    host: Host,
    /// Signs what it forges; nobody's.
    own: SigningKey,
}

impl Stranger {
    /// With the transport key of a host's key folder.
    #[must_use]
    pub fn new(keys: KeyFolder, host: Host) -> Self {
        Self { keys, host, own: SigningKey::generate().0 }
    }

    /// Dials a listener as that host; believes whoever answers.
    ///
    /// # Errors
    /// When it is not let in.
    pub async fn dial(&self, to: SocketAddr, alpn: &[u8]) -> io::Result<TlsStream<TcpStream>> {
        let own = self.shown()?;
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
                .with_protocol_versions(&[&TLS13])
                .map_err(io::Error::other)?
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Careless))
                .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own)));
        config.alpn_protocols = vec![alpn.to_vec()];
        config.enable_sni = false;
        let stream = TcpStream::connect(to).await?;
        let name = ServerName::try_from("bridge.invalid").map_err(io::Error::other)?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// For answering as that host to whoever dials.
    ///
    /// # Errors
    /// When the key cannot be used.
    pub fn acceptor(&self, alpn: &[u8]) -> io::Result<TlsAcceptor> {
        let own = self.shown()?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
                .with_protocol_versions(&[&TLS13])
                .map_err(io::Error::other)?
                .with_client_cert_verifier(Arc::new(Careless))
                .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(own)));
        config.alpn_protocols = vec![alpn.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The name of the true protocol.
    #[must_use]
    pub const fn alpn() -> &'static [u8] {
        ALPN
    }

    /// A bundle that is right in everything but its signer.
    #[must_use]
    pub fn forged(&self, lane: Lane, epoch: u32, seq: u64) -> Vec<u8> {
        let item = NewItem {
            uuid: "forged".to_owned(),
            kind: 2,
            stamp: Vec::new(),
            sealed: vec![0x5a; 1_100],
        };
        let (prev, at) = (Digest::ZERO, Timestamp::UNIX_EPOCH);
        build(&Draft { lane, epoch, seq, prev, at }, &[item], &self.signer()).bytes
    }

    /// A head that is right in everything but its signer.
    #[must_use]
    pub fn forged_head(&self, lane: Lane, epoch: u32, seq: u64) -> Vec<u8> {
        let place = (epoch, seq, Digest::ZERO);
        Head::sign(lane, place, Timestamp::UNIX_EPOCH, &self.signer())
    }

    fn signer(&self) -> Signer<'_> {
        let set = self.keys.set();
        Signer {
            tenant: set.tenant,
            environment: set.environment,
            key_set_version: set.version,
            key: &self.own,
        }
    }

    fn shown(&self) -> io::Result<Arc<CertifiedKey>> {
        let document = self.keys.transport(self.host).map_err(io::Error::other)?;
        let der = PrivatePkcs8KeyDer::from(document.as_slice());
        let key = provider::sign::any_eddsa_type(&der).map_err(io::Error::other)?;
        let public = key.public_key().ok_or_else(|| io::Error::other("half a key"))?;
        let shown = CertificateDer::from(public.as_ref().to_vec());
        Ok(Arc::new(CertifiedKey::new(vec![shown], key)))
    }
}

/// A frame that hands a bundle over, under any number.
#[must_use]
pub fn put(lane: Lane, epoch: u32, seq: u64, bundle: &[u8]) -> Vec<u8> {
    let mut ask = vec![3, lane_code(lane)];
    ask.extend(epoch.to_be_bytes());
    ask.extend(seq.to_be_bytes());
    ask.extend(length(bundle));
    ask.extend(bundle);
    frame(&ask)
}

/// An answer that shows a head.
#[must_use]
pub fn head_answer(head: &[u8]) -> Vec<u8> {
    frame(&[&[1], length(head).as_slice(), head].concat())
}

/// An answer that is a piece of a bundle of `size` bytes.
#[must_use]
pub fn piece_answer(size: u64, piece: &[u8]) -> Vec<u8> {
    frame(&[&[3], size.to_be_bytes().as_slice(), length(piece).as_slice(), piece].concat())
}

/// Bytes with their length before them.
#[must_use]
pub fn frame(bytes: &[u8]) -> Vec<u8> {
    [length(bytes).as_slice(), bytes].concat()
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

fn lane_code(lane: Lane) -> u8 {
    bridge_contract::wire::encode(&lane)[0]
}
