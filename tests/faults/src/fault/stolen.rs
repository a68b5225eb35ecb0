//! Somebody has the transport key of S and no other key: I lets them in, and L
//! believes that it dialled S. Nothing they say may be taken in (I2, I8).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bridge_contract::keys::KeyFolder;
use bridge_contract::place::{Host, Lane};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::timeout;
use town::Town;

use crate::dice::Dice;
use crate::stranger::{Stranger, head_answer, piece_answer, put};

/// Time in which the false S answers L.
const WINDOW: Duration = Duration::from_millis(600);
const ANSWER: Duration = platform_testkit::PATIENCE;

pub(super) fn strike(town: &mut Town, seed: u64) -> io::Result<()> {
    let keys = KeyFolder::open(&town.plan.root.join("s/keys")).map_err(io::Error::other)?;
    let stranger = Stranger::new(keys, Host::Sanitizer);
    let mut dice = Dice::new(seed);
    let (outer, relay) = (town.plan.ports.outer(), town.plan.ports.relay());
    let here = tokio::runtime::Handle::current();
    for lane in [Lane::PubCtl, Lane::PubDoc, Lane::Raw] {
        let seq = next(town, lane) + dice.below(2);
        here.block_on(bring(&stranger, outer, lane, seq))?;
    }
    // The same as a listener: L dials, and does not hear the difference.
    let program = town.kill("relay")?;
    here.block_on(answer(&stranger, relay, next(town, Lane::In)))?;
    town.revive(&program)
}

/// The number after the last that I has, or for `in` that L has.
fn next(town: &Town, lane: Lane) -> u64 {
    let host = if lane == Lane::In { "l" } else { "i" };
    let note = town.plan.root.join(host).join("spool").join(lane.word()).join("ingested");
    let text = std::fs::read_to_string(note).unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|seq| seq.parse().ok()).unwrap_or(0_u64) + 1
}

/// Hands a forged bundle to I; it must not be kept.
async fn bring(stranger: &Stranger, to: SocketAddr, lane: Lane, seq: u64) -> io::Result<()> {
    let mut stream = stranger.dial(to, Stranger::alpn()).await?;
    stream.write_all(&put(lane, 1, seq, &stranger.forged(lane, 1, seq))).await?;
    let mut answer = [0; 5];
    // A connection that is cut is one of the good outcomes.
    match timeout(ANSWER, stream.read_exact(&mut answer)).await {
        Err(_) => Err(io::Error::other("I18: a forged bundle gets no answer")),
        // It may be brought at a moment when another number is next: then it is
        // told how far I is, and nothing was kept either.
        Ok(_) => Ok(()),
    }
}

/// Answers L's questions with what S would say, signed by nobody.
async fn answer(stranger: &Stranger, at: SocketAddr, seq: u64) -> io::Result<()> {
    let (listener, tls) = (TcpListener::bind(at).await?, stranger.acceptor(Stranger::alpn())?);
    let talk = async {
        loop {
            let (stream, _) = listener.accept().await?;
            // L hangs up as soon as it sees what it gets.
            let Ok(mut stream) = tls.accept(stream).await else { continue };
            let mut question = vec![0; 64];
            let Ok(size) = stream.read(&mut question).await else { continue };
            let forged = stranger.forged(Lane::In, 1, seq);
            let answer = match question[..size].get(4) {
                Some(1) => head_answer(&stranger.forged_head(Lane::In, 1, seq + 1)),
                _ => piece_answer(forged.len() as u64, &forged),
            };
            let _ = stream.write_all(&answer).await;
        }
    };
    match timeout(WINDOW, talk).await {
        // Time is up, as it must be.
        Err(_) => Ok(()),
        Ok(ended) => ended,
    }
}
