//! Encrypted connections (NN-18).

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use platform_web::server::{Limits, Settings, Tls, TlsFiles};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use tokio::io::AsyncReadExt as _;
use tokio_rustls::TlsConnector;

use crate::desk::{Desk, exchange};

struct Secured {
    desk: Desk,
    roots: RootCertStore,
    _folder: tempfile::TempDir,
}

impl Secured {
    async fn open(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let names = vec!["desk.example".to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("a certificate");
        let files = TlsFiles {
            certificate: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        };
        std::fs::write(&files.certificate, cert.pem()).expect("a writable folder");
        std::fs::write(&files.key, signing_key.serialize_pem()).expect("a writable folder");
        let settings = Settings {
            limits,
            tls: Some(Tls::load(&files).expect("the pair fits")),
            ..Settings::default()
        };
        let routes = Router::new().route("/", get(async || "hello"));
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).expect("a root");
        Self { desk: Desk::with(routes, settings).await, roots, _folder: folder }
    }

    /// Asks over one version of TLS.
    async fn ask(&self, version: &'static SupportedProtocolVersion) {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("ring knows it")
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        let name = ServerName::try_from("desk.example").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, self.desk.connect().await).await;
        let mut stream = stream.expect("the handshake works");

        let session = stream.get_ref().1;
        assert_eq!(session.protocol_version(), Some(version.version));
        let suite = session.negotiated_cipher_suite().expect("a suite").suite();
        let suite = format!("{suite:?}");
        assert!(suite.contains("GCM") || suite.contains("CHACHA20"), "{suite}");
        if version.version == ProtocolVersion::TLSv1_2 {
            assert!(suite.starts_with("TLS_ECDHE_"), "{suite}");
        }
        let answer = exchange(&mut stream, b"GET / HTTP/1.1\r\nHost: desk.example\r\n\r\n").await;
        assert_eq!(answer.body, "hello");
        assert!(answer.header("strict-transport-security").is_some());
    }
}

/// NN-18, MN-7.4: TLS 1.3, and 1.2 with forward secrecy and authenticated encryption.
#[tokio::test]
async fn both_versions_of_tls_are_spoken() {
    let secured = Secured::open(Limits::default()).await;
    secured.ask(&version::TLS13).await;
    secured.ask(&version::TLS12).await;
}

/// NN-21: a caller that connects and says nothing is sent away.
#[tokio::test]
async fn a_silent_handshake_is_cut_off() {
    let limits = Limits { header_seconds: 0.2, ..Limits::default() };
    let secured = Secured::open(limits).await;
    let mut silent = secured.desk.connect().await;
    let read = silent.read(&mut [0; 16]).await;
    assert_eq!(read.expect("closed, not reset"), 0);
}

/// NN-18: plain HTTP on the TLS port gets no page.
#[tokio::test]
async fn plain_text_is_not_answered() {
    let secured = Secured::open(Limits::default()).await;
    let mut plain = secured.desk.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut plain, b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n")
        .await
        .expect("the kernel takes it");
    let mut answer = Vec::new();
    // A TLS alert, or nothing; being reset is fine as well.
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

/// NN-18: a wrong file stops the start and is named.
#[test]
fn a_missing_certificate_is_named() {
    let nowhere = PathBuf::from("/nowhere/cert.pem");
    let files = TlsFiles { certificate: nowhere.clone(), key: nowhere };
    let error = Tls::load(&files).expect_err("there is no such file");
    assert!(error.to_string().starts_with("/nowhere/cert.pem: "), "{error}");
}
