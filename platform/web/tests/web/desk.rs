//! A small service on port 0, and a caller that writes raw HTTP.

use std::net::SocketAddr;
use std::sync::LazyLock;

use axum::Router;
use platform_service::shutdown::Shutdown;
use platform_web::csrf::Guard;
use platform_web::server::{self, Limits, Settings};
use platform_web::{Catalogue, Message, Shell};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const VISITOR: &str = "__Host-desk-visitor";
pub(crate) const SESSION: &str = "__Host-desk";

static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| {
    let room = "[full]\nwhat = \"{room}は満席です。\"\nnext = \"別の部屋を選んでください。\"\nlink = \"部屋の一覧\"\n";
    Catalogue::load(&[("desk", room)]).expect("the sample is TOML")
});

/// A running service.
pub(crate) struct Desk {
    pub(crate) addr: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Desk {
    pub(crate) async fn open(routes: Router) -> Self {
        Self::with(routes, Settings::default()).await
    }

    /// With limits short enough to be met in a test.
    pub(crate) async fn hasty(routes: Router) -> Self {
        let limits = Limits {
            header_seconds: 0.5,
            body_grace_seconds: 0.2,
            body_bytes_per_second: 1_000_000,
            stall_seconds: 0.2,
            stop_seconds: 0.2,
            ..Limits::default()
        };
        let settings = Settings { limits, ..Settings::default() };
        Self::with(routes, settings).await
    }

    pub(crate) async fn with(routes: Router, settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port 0 is free");
        let addr = listener.local_addr().expect("it is bound");
        let guard = Guard::new(&[7; 32], VISITOR, SESSION);
        let shell = Shell::new(guard, || &TEXTS, frame, Vec::new()).signed_answers_at("/signed");
        let app = shell.around(routes);
        let shutdown = Shutdown::new();
        let task = tokio::spawn(server::serve(listener, app, settings, shutdown.clone()));
        Self { addr, shutdown, task }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.expect("it listens")
    }

    /// GET with further header lines, each ending in `\r\n`.
    pub(crate) async fn get(&self, path: &str, more: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: desk\r\n{more}\r\n")).await
    }

    /// POST of a body whose media type is among the further lines.
    pub(crate) async fn post(&self, path: &str, more: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: desk\r\nContent-Length: {length}\r\n{more}\r\n");
        self.send([head.as_bytes(), body].concat()).await
    }

    /// Sends bytes on a connection of their own.
    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect().await;
        exchange(&mut stream, bytes.as_ref()).await
    }
}

/// The frame a zone would put around a message.
fn frame(message: &Message<'_>) -> askama::Result<String> {
    let link = message.link.map(|(href, text)| format!("<a href=\"{href}\">{text}</a>"));
    Ok(format!(
        "<!doctype html><title>{}</title><main>{}|{}|{}|{}</main>",
        message.title,
        message.what,
        message.next,
        message.reference.unwrap_or_default(),
        link.unwrap_or_default()
    ))
}

/// Sends one request and reads its whole answer; the stream can go on.
pub(crate) async fn exchange<S>(stream: &mut S, bytes: &[u8]) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(bytes).await;
    read_answer(stream).await
}

/// Reads one answer by its `Content-Length`.
pub(crate) async fn read_answer<S: AsyncRead + Unpin>(stream: &mut S) -> Answer {
    let mut raw = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        if let Some(answer) = whole(&raw) {
            return answer;
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => panic!("no whole answer: {}", String::from_utf8_lossy(&raw)),
            Ok(read) => raw.extend_from_slice(&chunk[..read]),
        }
    }
}

fn whole(raw: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(raw);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let answer = Answer {
        status: head.get(9..12)?.parse().ok()?,
        head: head.to_owned(),
        body: String::new(),
    };
    let length: usize = answer.header("content-length").map_or(0, |v| v.parse().expect("a number"));
    let body = raw.get(head.len() + 4..head.len() + 4 + length)?;
    Some(Answer { body: String::from_utf8_lossy(body).into_owned(), ..answer })
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The visitor cookie that was set, as a `Cookie` line with this session.
    pub(crate) fn cookie_line(&self, session: &str) -> String {
        let set = self.header("set-cookie").expect("a form sets the visitor cookie");
        let pair = set.split(';').next().unwrap_or_default();
        format!("Cookie: {pair}; {SESSION}={session}\r\n")
    }
}
