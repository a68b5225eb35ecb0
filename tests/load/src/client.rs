//! A closed-loop load: each client sends its next request when the answer to
//! the last one is whole. Bounded in count, loopback only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One kept-alive connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Head as text.
    pub head: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header with this name, in lower case.
    #[must_use]
    pub fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// All values of a header.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.lines().filter_map(move |line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Connection {
    /// Connects; refuses every address but loopback.
    ///
    /// # Errors
    /// When the address is not loopback or nobody listens.
    pub async fn open(to: SocketAddr) -> std::io::Result<Self> {
        if !to.ip().is_loopback() {
            return Err(std::io::Error::other("load goes to loopback only"));
        }
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends one whole request and reads one whole answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not HTTP.
    pub async fn ask(&mut self, request: &[u8]) -> std::io::Result<Answer> {
        self.stream.write_all(request).await?;
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).into_owned();
        let status = head.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0);
        let mut answer = Answer { status, head, body: Vec::new() };
        if answer.header("transfer-encoding").is_some() {
            let mut at = head_end;
            loop {
                let line = self.line_at(at).await?;
                let size = std::str::from_utf8(&self.buffer[at..line]).unwrap_or_default();
                let size = usize::from_str_radix(size, 16).map_err(std::io::Error::other)?;
                let (from, to) = (line + 2, line + 2 + size);
                while self.buffer.len() < to + 2 {
                    self.more().await?;
                }
                answer.body.extend_from_slice(&self.buffer[from..to]);
                at = to + 2;
                if size == 0 {
                    break;
                }
            }
            self.buffer.drain(..at);
            return Ok(answer);
        }
        let length: usize =
            answer.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        while self.buffer.len() < head_end + length {
            self.more().await?;
        }
        answer.body = self.buffer[head_end..head_end + length].to_vec();
        self.buffer.drain(..head_end + length);
        Ok(answer)
    }

    /// Where the line that begins here ends.
    async fn line_at(&mut self, from: usize) -> std::io::Result<usize> {
        loop {
            if let Some(at) = find(&self.buffer[from..], b"\r\n") {
                return Ok(from + at);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> std::io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|part| part == needle)
}

/// What a run measured.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Answers that were as expected.
    pub good: usize,
    /// Everything else.
    pub bad: usize,
    /// From first request to last answer.
    pub took: Duration,
    times: Vec<Duration>,
}

impl Figures {
    /// Good answers a second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark fit an f64")]
    pub fn per_second(&self) -> f64 {
        self.good as f64 / self.took.as_secs_f64()
    }

    /// The time within which this share of the answers came, in milliseconds.
    #[must_use]
    pub fn within(&self, percent: usize) -> f64 {
        let at = (self.times.len() * percent / 100).min(self.times.len().saturating_sub(1));
        self.times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// Figures from single times.
    #[must_use]
    pub fn of(mut times: Vec<Duration>, bad: usize, took: Duration) -> Self {
        times.sort_unstable();
        Self { good: times.len(), bad, took, times }
    }
}

/// Sends every client's prepared requests, all clients at once, each its own in
/// order. An answer is good when its status is `expect`.
///
/// # Errors
/// When a client cannot connect.
pub async fn run(
    to: SocketAddr,
    requests: Vec<Vec<Arc<[u8]>>>,
    expect: u16,
) -> std::io::Result<Figures> {
    let mut ready = Vec::new();
    for own in requests {
        ready.push((Connection::open(to).await?, own));
    }
    let start = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for (mut connection, own) in ready {
        clients.spawn(async move {
            let (mut times, mut bad) = (Vec::with_capacity(own.len()), 0);
            for request in own {
                let sent = Instant::now();
                match connection.ask(&request).await {
                    Ok(answer) if answer.status == expect => times.push(sent.elapsed()),
                    Ok(_) => bad += 1,
                    Err(_) => {
                        bad += 1;
                        match Connection::open(to).await {
                            Ok(fresh) => connection = fresh,
                            Err(_) => break,
                        }
                    }
                }
            }
            (times, bad)
        });
    }
    let (mut times, mut bad) = (Vec::new(), 0);
    for (own, wrong) in clients.join_all().await {
        times.extend(own);
        bad += wrong;
    }
    Ok(Figures::of(times, bad, start.elapsed()))
}
