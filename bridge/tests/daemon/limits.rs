//! What a listener grants those who dial it, and no more of (`docs/wire/carrier.md`).
//! Those that take a minute are tried in `src/carrier` with a clock of their own.

use std::net::SocketAddr;
use std::time::Duration;

use bridge_contract::carrier::{Fetched, LARGEST_PUT, Request};
use bridge_contract::keys::KeyFolder;
use bridge_contract::place::{Host, Lane};
use bridge_contract::wire::encode;
use platform_testkit::PATIENCE;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::client::TlsStream;

use crate::hostile::dial;
use crate::town::{Town, any_port};

const PEERS: usize = 16;
const STRANGERS: usize = 64;
/// Handshakes take no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// What is not answered within this is not answered.
const MOMENT: Duration = Duration::from_millis(400);
const AT: Fetched = Fetched { epoch: 1, seq: 1 };

type Stream = TlsStream<TcpStream>;

fn frame(request: &Request) -> Vec<u8> {
    let bytes = encode(request);
    let length = u32::try_from(bytes.len()).expect("short");
    [length.to_be_bytes().as_slice(), &bytes].concat()
}

/// Whether it is told how far the listener has `pub.ctl`; `false` when it is hung up on.
async fn is_answered(stream: &mut Stream) -> bool {
    let ask = frame(&Request::Head { lane: Lane::PubCtl, known: AT, wait_ms: 0 });
    let mut answer = [0; 17];
    let talk = async {
        stream.write_all(&ask).await?;
        stream.read_exact(&mut answer).await
    };
    match timeout(PATIENCE, talk).await.expect("the listener does not hang") {
        Ok(_) => answer[..5] == [0, 0, 0, 13, 2],
        Err(_) => false,
    }
}

/// Dials until it is served.
async fn is_served_again(keys: &KeyFolder, address: SocketAddr) -> bool {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Ok(mut stream) = dial(keys, Host::Sanitizer, address).await
            && is_answered(&mut stream).await
        {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// I18: sixteen connections of a peer are served, the seventeenth is not, and none of the
/// sixteen notices; who leaves makes room.
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_connections_are_served_at_once() {
    let town = Town::new();
    let outer = town.outer(any_port()).await;
    let (address, keys) = (outer.addr.expect("it listens"), town.keys(Host::Sanitizer));
    let mut peers = Vec::new();
    for number in 1..=PEERS {
        let mut peer = dial(&keys, Host::Sanitizer, address).await.expect("S may dial");
        assert!(is_answered(&mut peer).await, "{number}");
        peers.push(peer);
    }
    // It may shake hands, and is hung up on then.
    if let Ok(mut late) = dial(&keys, Host::Sanitizer, address).await {
        assert!(!is_answered(&mut late).await, "one too many");
    }
    for peer in &mut peers {
        assert!(is_answered(peer).await);
    }
    drop(peers.pop());
    assert!(is_served_again(&keys, address).await);
    town.stop([outer]).await;
}

/// I18: sixty-four strangers may hang at the door, the next is turned away at once, and
/// whoever is inside is served as before; ten seconds later the door is free.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_strangers_hang_at_the_door() {
    let town = Town::new();
    let outer = town.outer(any_port()).await;
    let (address, keys) = (outer.addr.expect("it listens"), town.keys(Host::Sanitizer));
    let mut friend = dial(&keys, Host::Sanitizer, address).await.expect("S may dial");
    assert!(is_answered(&mut friend).await);
    for last in [false, false, true] {
        let came = Instant::now();
        let mut strangers = Vec::new();
        for _ in 0..STRANGERS {
            strangers.push(TcpStream::connect(address).await.expect("it listens"));
        }
        let mut late = TcpStream::connect(address).await.expect("it listens");
        let ended = timeout(PATIENCE, late.read(&mut [0; 1])).await;
        assert!(matches!(ended, Ok(Ok(0) | Err(_))), "turned away: {ended:?}");
        assert!(is_answered(&mut friend).await, "strangers take no place from peers");
        // Who came last was turned away, and the friend was served, while the others hung there.
        let hang = strangers.iter().all(|stranger| {
            let open = stranger.try_read(&mut [0; 1]);
            open.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock)
        });
        // On a machine that needed ten seconds for all that they were rightly let go: once more.
        let slow = came.elapsed() >= HANDSHAKE;
        assert!(hang || (slow && !last), "they hang at the door");
        for mut stranger in strangers {
            let ended = timeout(PATIENCE, stranger.read(&mut [0; 1])).await;
            assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
        }
        assert!(came.elapsed() >= HANDSHAKE);
        if hang {
            break;
        }
    }
    assert!(is_answered(&mut friend).await);
    assert!(is_served_again(&keys, address).await);
    town.stop([outer]).await;
}

/// I18: two bundles of a peer are in memory at once; the third waits without being read, and
/// what is short passes.
#[tokio::test(flavor = "multi_thread")]
async fn two_bundles_are_received_at_once() {
    let town = Town::new();
    let outer = town.outer(any_port()).await;
    let (address, keys) = (outer.addr.expect("it listens"), town.keys(Host::Sanitizer));
    let put = frame(&Request::Put { lane: Lane::PubCtl, at: AT, bundle: vec![7; 20_000] });
    let dialled = async || dial(&keys, Host::Sanitizer, address).await.expect("S may dial");
    let (mut one, mut other) = (dialled().await, dialled().await);
    for slow in [&mut one, &mut other] {
        slow.write_all(&put[..10_000]).await.expect("it listens");
        slow.flush().await.expect("it listens");
    }
    // Until both are being read, a third one is answered: it is no bundle, and refused.
    let refused = [0, 0, 0, 1, 5];
    let until = Instant::now() + PATIENCE;
    let mut waits = loop {
        let mut third = dialled().await;
        third.write_all(&put).await.expect("it listens");
        third.flush().await.expect("it listens");
        let mut answer = [0; 5];
        match timeout(MOMENT, third.read_exact(&mut answer)).await {
            Err(_) => break third,
            Ok(read) => assert!(read.is_ok() && answer == refused, "{read:?} {answer:?}"),
        }
        assert!(Instant::now() < until, "three are received at once");
    };
    let mut short = dialled().await;
    assert!(is_answered(&mut short).await);
    drop(one);
    let mut answer = [0; 5];
    let read = timeout(PATIENCE, waits.read_exact(&mut answer)).await.expect("it has a place now");
    assert!(read.is_ok() && answer == refused, "{read:?} {answer:?}");
    // The other one was never in danger.
    other.write_all(&put[10_000..]).await.expect("it listens");
    let read = timeout(PATIENCE, other.read_exact(&mut answer)).await.expect("answered");
    assert!(read.is_ok() && answer == refused, "{read:?} {answer:?}");
    town.stop([outer]).await;
}

/// I18: a frame over the limit ends the connection before anything of it is read; one at the
/// limit is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_frame_over_the_limit_ends_the_connection() {
    let town = Town::new();
    let outer = town.outer(any_port()).await;
    let (address, keys) = (outer.addr.expect("it listens"), town.keys(Host::Sanitizer));
    let largest = u32::try_from(LARGEST_PUT).expect("short");
    for (length, is_ended) in [(largest, false), (largest + 1, true), (u32::MAX, true)] {
        let mut stream = dial(&keys, Host::Sanitizer, address).await.expect("S may dial");
        stream.write_all(&length.to_be_bytes()).await.expect("it listens");
        stream.flush().await.expect("it listens");
        let long = if is_ended { PATIENCE } else { MOMENT };
        let ended = timeout(long, stream.read(&mut [0; 1])).await;
        assert_eq!(matches!(ended, Ok(Ok(0) | Err(_))), is_ended, "{length}: {ended:?}");
    }
    assert!(is_served_again(&keys, address).await);
    town.stop([outer]).await;
}
