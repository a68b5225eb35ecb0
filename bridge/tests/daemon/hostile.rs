//! Peers and files that mean harm.

use std::sync::Arc;

use bridge::config::Common;
use bridge::status::status;
use bridge_contract::bundle::bundle_name;
use bridge_contract::keys::KeyFolder;
use bridge_contract::place::{Host, Lane};
use bridge_contract::seal::seal_for;
use platform_service::config::Within;
use platform_testkit::careless::Careless;
use rustls::ClientConfig;
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::crypto::ring as provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::hostile_i::{self, Manner};
use crate::town::{Capitals, Sender, Town, any_port, wait_until};

/// Dials a listener with the transport key of some host.
pub(crate) async fn dial(
    keys: &KeyFolder,
    host: Host,
    address: std::net::SocketAddr,
) -> std::io::Result<TlsStream<TcpStream>> {
    let document = keys.transport(host).expect("a key of this host");
    let der = PrivatePkcs8KeyDer::from(document.as_slice());
    let key = provider::sign::any_eddsa_type(&der).expect("Ed25519");
    let shown = CertificateDer::from(key.public_key().expect("a public half").as_ref().to_vec());
    let own = Arc::new(CertifiedKey::new(vec![shown], key));
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Careless))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own)));
    config.alpn_protocols = vec![b"madoguchi-bridge/1".to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("bridge.invalid").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Sends bytes and returns what comes back before the connection ends.
async fn answer_to(stream: &mut TlsStream<TcpStream>, bytes: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    // A connection that is cut while we talk is one of the good outcomes.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let read = tokio::time::timeout(platform_testkit::PATIENCE, stream.read_to_end(&mut answer));
    let _ = read.await.expect("the listener does not hang");
    answer
}

/// NN-18: who cannot show the key of S gets no word out of I.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_host_named_in_the_key_set_may_dial() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    raw.send(&[town.submission(1, &[])]);
    let outer = town.outer(any_port()).await;
    let address = outer.addr.expect("it listens");
    // head(raw, nothing known, no wait)
    let head = [&[0, 0, 0, 18, 1, 1][..], &[0; 16]].concat();

    let mut friend =
        dial(&town.keys(Host::Sanitizer), Host::Sanitizer, address).await.expect("S may dial");
    assert!(answer_to(&mut friend, &head).await.len() > 150, "a signed head");
    for host in [Host::Internet, Host::Lgwan, Host::ServerA, Host::ServerB] {
        if let Ok(mut stranger) = dial(&town.keys(host), host, address).await {
            assert!(answer_to(&mut stranger, &head).await.is_empty(), "{host}");
        }
    }
    town.stop([outer]).await;
}

/// I18: a peer that speaks the protocol wrong in every way is cut off, and the
/// next one is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_speaks_nonsense_is_cut_off() {
    let town = Town::new();
    let outer = town.outer(any_port()).await;
    let address = outer.addr.expect("it listens");
    let keys = town.keys(Host::Sanitizer);
    let frames: [&[u8]; 8] = [
        &[0xFF; 64],
        &[0, 0, 0, 0],
        &[0, 0, 0, 1, 9],
        &[0, 0, 0, 200, 1],
        &[0x7F, 0xFF, 0xFF, 0xFF],
        b"GET / HTTP/1.1\r\n\r\n",
        // put(raw): not a lane that is brought here.
        &[0, 0, 0, 18, 3, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        // get(raw) of a bundle that is not there, with a wild offset.
        &[
            0, 0, 0, 22, 2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 255, 255, 255, 255, 255, 255,
            255, 255,
        ],
    ];
    for frame in frames {
        let mut stream = dial(&keys, Host::Sanitizer, address).await.expect("S may dial");
        let answer = answer_to(&mut stream, frame).await;
        assert!(answer.len() <= 5, "{frame:?} got {answer:?}");
    }
    // A plain-text stranger and one that says nothing.
    let mut plain = TcpStream::connect(address).await.expect("it listens");
    plain.write_all(b"hello").await.expect("it reads");
    drop(plain);

    let roles = town.relay(address, Capitals::of(&town)).await;
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    raw.send(&[town.submission(1, &[])]);
    wait_until("a good peer is served", || {
        town.spool(Host::Sanitizer).join("in/ready").join(bundle_name(1, 1)).exists()
    })
    .await;
    town.stop([outer, roles]).await;
}

/// I17, I18: an I that speaks the protocol wrong in every way costs S a few kilobytes, and
/// the lane goes on when it behaves again. The same with the hosts apart:
/// `namespaces.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn an_owned_internet_host_stops_nothing_for_longer_than_it_goes_on() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    raw.send(&[town.submission(1, &[])]);
    let head = std::fs::read(town.spool(Host::Internet).join("raw/head")).expect("shown");
    let listener = std::net::TcpListener::bind(any_port()).expect("free");
    let address = listener.local_addr().expect("it listens");
    drop(listener);
    let relay = town.relay(address, Capitals::of(&town)).await;
    let keys = town.keys(Host::Internet);
    hostile_i::listen((&keys, Host::Internet), address, &head, Manner::ALL.len()).await;
    let rejected = std::fs::read_dir(town.spool(Host::Sanitizer).join("raw/rejected"));
    assert!(rejected.expect("readable").count() <= 32);
    assert_eq!(town.origins(), []);

    let outer = town.outer(address).await;
    let inner = town.inner(relay.addr.expect("it listens")).await;
    wait_until("the lane goes on", || town.origins().len() == 1).await;
    town.stop([outer, relay, inner]).await;
}

/// I17, I18: a bundle whose header is true and whose body is not is kept once and set aside by who
/// takes it in; from then on it ends the conversation, and the true one is taken in.
#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_with_a_spoiled_body_is_kept_no_second_time() {
    // S dials for three lanes.
    const CONNECTIONS: usize = 8;
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    raw.send(&[town.submission(1, &[])]);
    let here = town.spool(Host::Internet).join("raw");
    let head = std::fs::read(here.join("head")).expect("shown");
    let mut bundle = std::fs::read(here.join("ready").join(bundle_name(1, 1))).expect("shown");
    *bundle.last_mut().expect("not empty") ^= 1;
    let address = free_address();
    let relay = town.relay(address, Capitals::of(&town)).await;
    let keys = town.keys(Host::Internet);
    let owned = (&keys, Host::Internet);
    hostile_i::serve(owned, address, (head.as_slice(), bundle.as_slice()), CONNECTIONS).await;
    let rejected = files_in(&town, Host::Sanitizer, "raw/rejected");
    assert!((1..=CONNECTIONS + 1).contains(&rejected), "{rejected} files were set aside");
    assert_eq!(town.origins(), []);

    let outer = town.outer(address).await;
    let inner = town.inner(relay.addr.expect("it listens")).await;
    wait_until("the true one is in", || town.origins().len() == 1).await;
    town.stop([outer, relay, inner]).await;
}

/// An address that nobody listens on.
fn free_address() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind(any_port()).expect("free");
    listener.local_addr().expect("it listens")
}

/// Sends one item on a lane as its sender and returns its head.
fn one_sent(town: &Town, host: Host, lane: Lane) -> Vec<u8> {
    let keys = town.keys(host);
    let item = seal_for(keys.set(), lane, "one", 1, b"said".as_slice()).expect("a key");
    Sender::open(town, host, lane).send(&[item]);
    std::fs::read(town.spool(host).join(lane.word()).join("head")).expect("shown")
}

/// Files in a part of a lane's folder.
fn files_in(town: &Town, host: Host, part: &str) -> usize {
    std::fs::read_dir(town.spool(host).join(part)).map_or(0, Iterator::count)
}

/// I12, I17, I18: an S that speaks the protocol wrong in every way costs L a few kilobytes and no
/// role; both directions go on when it behaves again.
#[tokio::test(flavor = "multi_thread")]
async fn an_owned_relay_stops_nothing_at_l_for_longer_than_it_goes_on() {
    let town = Town::new();
    let head = one_sent(&town, Host::Sanitizer, Lane::In);
    one_sent(&town, Host::Lgwan, Lane::PubCtl);
    let address = free_address();
    let inner = town.inner(address).await;
    let keys = town.keys(Host::Sanitizer);
    // L dials for four lanes; each meets most manners.
    hostile_i::listen((&keys, Host::Sanitizer), address, &head, 3 * Manner::ALL.len()).await;
    assert!(files_in(&town, Host::Lgwan, "in/rejected") <= 32);
    assert_eq!(files_in(&town, Host::Lgwan, "in/fetched"), 0);
    assert_eq!(files_in(&town, Host::Lgwan, "pub.ctl/ready"), 1);

    let outer = town.outer(any_port()).await;
    let peer = outer.addr.expect("it listens");
    let relay = town.try_relay(peer, address, Capitals::of(&town)).await.expect("it starts");
    let there = town.spool(Host::Internet).join("pub.ctl/fetched").join(bundle_name(1, 1));
    wait_until("both lanes go on", || {
        files_in(&town, Host::Lgwan, "in/fetched") == 1 && there.exists()
    })
    .await;
    town.stop([outer, relay, inner]).await;
}

/// I17, I18, IK-3.5.7b: a B that speaks the protocol wrong in every way costs A a few kilobytes and
/// no role; generations and their receipts go on when it behaves again.
#[tokio::test(flavor = "multi_thread")]
async fn an_owned_server_b_stops_nothing_at_a_for_longer_than_it_goes_on() {
    let town = Town::new();
    let head = one_sent(&town, Host::ServerB, Lane::Exr);
    let generation = town.path("server-a/job/000001");
    std::fs::create_dir_all(&generation).expect("made");
    std::fs::write(generation.join("data.end"), b"end=1\n").expect("written");
    let address = free_address();
    let export = town.export(address).await;
    let keys = town.keys(Host::ServerB);
    hostile_i::listen((&keys, Host::ServerB), address, &head, 2 * Manner::ALL.len()).await;
    assert!(files_in(&town, Host::ServerA, "exr/rejected") <= 32);
    assert_eq!(files_in(&town, Host::ServerA, "exr/fetched"), 0);
    assert!(!generation.join("receipt.json").exists(), "nothing was confirmed");

    let drop_role = town.drop_role(address).await;
    wait_until("the generation is there, and confirmed", || {
        town.path("server-b/job/000001/data.end").exists()
            && generation.join("receipt.json").exists()
    })
    .await;
    town.stop([drop_role, export]).await;
}

/// I17, I18, NS-2: files that a careless or hostile mover drops into the relay's
/// folder are set aside, and the true ones are fetched; operators see how many.
#[tokio::test(flavor = "multi_thread")]
async fn forged_and_torn_files_are_fetched_again() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    for number in 1..=3 {
        raw.send(&[town.submission(number, &[])]);
    }
    let ready = town.spool(Host::Internet).join("raw/ready");
    let good = |seq| std::fs::read(ready.join(bundle_name(1, seq))).expect("shown");
    let fetched = town.spool(Host::Sanitizer).join("raw/fetched");
    let set = town.keys(Host::Sanitizer).set().clone();
    let identity = bridge_spool::Identity {
        tenant: set.tenant,
        environment: set.environment,
        lane: Lane::Raw,
    };
    drop(bridge_spool::ReceiverSpool::open(&town.spool(Host::Sanitizer), &identity));
    let mut changed = good(2);
    changed[400] ^= 1;
    for (seq, bytes) in [(1, &good(1)[..200]), (2, &changed), (3, &good(1))] {
        std::fs::write(fetched.join(bundle_name(1, seq)), bytes).expect("dropped");
    }
    let roles = town.three_hosts(Capitals::of(&town)).await;
    wait_until("all arrived", || town.origins().len() == 3).await;
    let common = Common {
        keys: town.key_dir(Host::Sanitizer),
        spool: town.spool(Host::Sanitizer),
        backlog_mb: Within::new(100).expect("in bounds"),
    };
    let seen = status(&common).expect("readable");
    let raw = seen.lanes.iter().find(|lane| lane.lane == "raw").expect("it receives it");
    assert_eq!((seen.key_set, raw.rejected, raw.rejected_last_hour), (1, 3, 3));
    let signer = raw.signer.as_ref().expect("a key signs the next bundle");
    assert_eq!((signer.from, signer.until), (0, None));
    town.stop(roles).await;
    let order: Vec<u64> = town.origins().iter().map(|at| at.seq).collect();
    assert_eq!(order, [1, 2, 3]);
}
