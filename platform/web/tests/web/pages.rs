//! What every answer has, and how refusals and faults look.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::routing::{get, post};
use platform_store::StoreError;
use platform_web::download::download;
use platform_web::server::{Proxies, Settings};
use platform_web::static_files::StaticFiles;
use platform_web::{Explain, OrFault as _, PageResult, Reply, Trouble};
use tracing_subscriber::fmt::MakeWriter;

use crate::desk::{Answer, Desk, exchange};

static FILES: LazyLock<StaticFiles> = LazyLock::new(|| StaticFiles::new(&[]));

struct Full;

impl Explain for Full {
    fn reply(&self) -> Reply {
        Reply::conflict("desk.full").with("room", "<b>松</b>").link("/rooms").retry_after(5)
    }
}

fn routes() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/full", get(async || PageResult::Err(Full.into())))
        .route("/fault/{token}", get(broken))
        .route("/unknown", get(async || failed(StoreError::CommitUnknown("EIO".to_owned()))))
        .route("/closed", get(async || failed(StoreError::Closed)))
        .route("/panic", get(async || -> &'static str { panic!("secret of the panic") }))
        .route("/file", get(async || download("写真.html", "text/html", "<script>")))
        .route("/post", post(async || "ok"))
        .merge(FILES.router())
}

fn failed(why: StoreError) -> PageResult {
    Err(why.into())
}

async fn broken() -> PageResult {
    let missing = io::Error::new(io::ErrorKind::NotFound, "/srv/secret/path");
    Err::<(), _>(missing).or_fault()?;
    Err(Trouble::from(Reply::gone("desk.full")))
}

/// MN-7.2, NN-21, MN-7.4: no answer is without its headers, whatever went wrong.
#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let desk = Desk::open(routes()).await;
    let file = FILES.url("base.css");
    for (path, status) in [
        ("/", 200),
        ("/full", 409),
        ("/nothing", 404),
        ("/post", 405),
        ("/fault/x", 500),
        ("/panic", 500),
        ("/file", 200),
        ("/%ff", 400),
        ("/%00", 400),
        (file, 200),
        ("/static/none.css", 404),
    ] {
        let answer = desk.get(path, "").await;
        assert_eq!(answer.status, status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path} {name}");
        }
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert!(answer.header("permissions-policy").is_some(), "{path}");
        let cache = if path == file { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
        assert_eq!(answer.header("server"), None, "{path}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
    assert_eq!(desk.get("/post", "").await.header("allow"), Some("POST"));
    let file = desk.get("/file", "").await;
    assert_eq!(file.header("content-security-policy"), Some("default-src 'none'; sandbox"));
}

/// NN-21: methods nobody needs are refused, on every address.
#[tokio::test]
async fn other_methods_are_refused() {
    let desk = Desk::open(routes()).await;
    for method in ["TRACE", "DELETE", "PUT", "OPTIONS", "BREW"] {
        let answer = desk.send(format!("{method} / HTTP/1.1\r\nHost: desk\r\n\r\n")).await;
        assert_eq!(answer.status, 405, "{method}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_happened_and_what_to_do() {
    let desk = Desk::open(routes()).await;
    let answer = desk.get("/full", "").await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("retry-after"), Some("5"));
    let expected =
        "<b>松</b>は満席です。|別の部屋を選んでください。||<a href=\"/rooms\">部屋の一覧</a>";
    assert!(answer.body.contains(expected), "{}", answer.body);
    assert!(answer.body.contains("<title>手続きを進められませんでした</title>"));
}

/// NN-21: an address is at most 8 KiB.
/// NN-21: after a commit whose outcome nobody knows, who sent something is told to send it again.
#[tokio::test]
async fn what_may_not_be_recorded_is_to_be_sent_again() {
    let desk = Desk::open(routes()).await;
    for path in ["/unknown", "/closed"] {
        let answer = desk.get(path, "").await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("60")), "{path}");
        assert!(answer.body.contains("もう一度送信してください"), "{path}");
    }
}

#[tokio::test]
async fn a_long_address_is_refused() {
    let desk = Desk::open(routes()).await;
    let answer = desk.get(&format!("/?q={}", "x".repeat(8 * 1024)), "").await;
    assert_eq!(answer.status, 414);
    assert!(answer.body.contains("アドレスが長すぎます"));
}

/// NN-21: a page in a framework's plain words never reaches a visitor.
#[tokio::test]
async fn an_unknown_page_is_explained() {
    let desk = Desk::open(routes()).await;
    let answer = desk.get("/nothing", "").await;
    assert!(answer.body.contains("<title>ページが見つかりません</title>"), "{answer:?}");
    let answer = desk.post("/", "", b"").await;
    assert_eq!(answer.status, 405);
    assert!(answer.body.contains("その方法では開けません"), "{answer:?}");
}

/// What the log holds, for this test's thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic while writing")).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn reference(answer: &Answer) -> String {
    let words = answer.body.split('|').nth(2).unwrap_or_default();
    assert_eq!(words.len(), 8, "{}", answer.body);
    words.to_owned()
}

/// NN-21: the page of a fault has a number and nothing else; the log has the
/// same number with all causes, and no address.
#[tokio::test]
async fn a_fault_shows_a_number_and_logs_its_causes() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _here = tracing::subscriber::set_default(subscriber);
    let desk = Desk::open(routes()).await;

    let answer = desk.get("/fault/token-of-a-citizen", "").await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("システムエラーが発生しました"));
    assert!(!answer.body.contains("secret"), "{}", answer.body);
    let log = log.text();
    let line = log.lines().find(|line| line.contains(&reference(&answer)));
    let line = line.expect("the log has the number");
    assert!(line.contains("/srv/secret/path") && line.contains("/fault/{token}"), "{line}");
    assert!(!log.contains("token-of-a-citizen"), "{log}");
}

/// NN-21: a panic is a fault of one request; the connection and the service go on.
#[tokio::test]
async fn a_panic_ends_one_request_only() {
    let desk = Desk::open(routes()).await;
    let mut stream = desk.connect().await;
    let answer = exchange(&mut stream, b"GET /panic HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("secret"), "{}", answer.body);
    assert_eq!(reference(&answer).len(), 8);
    let answer = exchange(&mut stream, b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n").await;
    assert_eq!(answer.body, "hello");
}

/// NN-18: browsers are told to come back over TLS only, once they have come over TLS.
#[tokio::test]
async fn strict_transport_is_said_over_tls_only() {
    let settings = Settings {
        proxies: Proxies::parse(["127.0.0.1"]).expect("an address"),
        ..Settings::default()
    };
    let desk = Desk::with(routes(), settings).await;
    let name = "strict-transport-security";
    assert_eq!(desk.get("/", "").await.header(name), None);
    let answer = desk.get("/", "X-Forwarded-Proto: https\r\n").await;
    assert_eq!(answer.header(name), Some("max-age=63072000; includeSubDomains"));
}
