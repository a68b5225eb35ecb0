//! A line that breaks: a proxy before a site that cuts every connection after so many bytes.
//!
//! ```text
//! browser ─► 127.0.0.1:port ─► the site
//!              │ counts what is sent; at a cut all connections end,
//!              └ and for a moment no new one gets through
//! ```

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How long nothing gets through after a cut.
const SILENCE: Duration = Duration::from_millis(600);

/// A proxy on a port of its own.
#[derive(Debug)]
pub struct BreakingLine {
    /// Where it listens, on loopback.
    pub port: u16,
    line: Arc<Line>,
}

#[derive(Debug)]
struct Line {
    site: SocketAddr,
    counts: Mutex<Counts>,
    /// How often it was cut: every connection watches it.
    fallen: watch::Sender<usize>,
}

#[derive(Debug)]
struct Counts {
    /// Bytes sent to the site.
    sent: u64,
    /// Bytes after which it is cut, in order.
    cuts: VecDeque<u64>,
    silent_until: Instant,
}

impl BreakingLine {
    /// Before this site; cut after each of these numbers of bytes sent.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn before(site: SocketAddr, cuts: &[u64]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let cuts = cuts.iter().copied().collect();
        let counts = Mutex::new(Counts { sent: 0, cuts, silent_until: Instant::now() });
        let line = Arc::new(Line { site, counts, fallen: watch::Sender::new(0) });
        let own = Arc::clone(&line);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !own.is_silent() {
                    tokio::spawn(Arc::clone(&own).carries(client));
                }
            }
        });
        Self { port, line }
    }

    /// How often it was cut.
    #[must_use]
    pub fn fallen(&self) -> usize {
        *self.line.fallen.borrow()
    }

    /// Bytes that were sent through it, cut or not.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.line.counts().sent
    }
}

impl Line {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().expect("nobody panics with it")
    }

    fn is_silent(&self) -> bool {
        Instant::now() < self.counts().silent_until
    }

    async fn carries(self: Arc<Self>, client: TcpStream) {
        let mut fallen = self.fallen.subscribe();
        let Ok(site) = TcpStream::connect(self.site).await else { return };
        let (from_client, mut to_client) = client.into_split();
        let (mut from_site, to_site) = site.into_split();
        // Whichever ends first ends both.
        tokio::select! {
            () = self.sends(from_client, to_site) => {}
            _ = tokio::io::copy(&mut from_site, &mut to_client) => {}
            _ = fallen.changed() => {}
        }
    }

    async fn sends(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(many @ 1..) = from.read(&mut bytes).await {
            if self.is_cut_after(many) || to.write_all(&bytes[..many]).await.is_err() {
                return;
            }
        }
    }

    /// Counts what is sent, and cuts everything when it is time.
    fn is_cut_after(&self, many: usize) -> bool {
        let mut counts = self.counts();
        counts.sent += many as u64;
        if counts.cuts.front().is_none_or(|cut| counts.sent < *cut) {
            return false;
        }
        counts.cuts.pop_front();
        counts.silent_until = Instant::now() + SILENCE;
        drop(counts);
        self.fallen.send_modify(|times| *times += 1);
        true
    }
}
