//! Callers that are slow, large, many or in the way (NN-21).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::stream;
use platform_web::form::BodyLimit;
use platform_web::server::{Limits, Settings};
use platform_web::{FormData, Peer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::desk::{Desk, exchange, read_answer};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n";

fn hello() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/form", post(async |form: FormData| form.text("a").len().to_string()))
}

async fn until_closed(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    // Being reset is being closed.
    let _ = stream.read_to_end(&mut rest).await;
    rest
}

/// NN-21: a caller that dribbles its header is sent away.
#[tokio::test]
async fn a_slow_header_is_cut_off() {
    let desk = Desk::hasty(hello()).await;
    let mut stream = desk.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHos").await.expect("it reads");
    assert_eq!(until_closed(stream).await, b"", "closed without an answer");
}

/// NN-21: a connection nobody uses does not stay.
#[tokio::test]
async fn an_idle_connection_is_closed() {
    let desk = Desk::hasty(hello()).await;
    let mut stream = desk.connect().await;
    assert_eq!(exchange(&mut stream, REQUEST).await.body, "hello");
    assert_eq!(until_closed(stream).await, b"");
}

/// NN-21: a body that stops coming is refused with words.
#[tokio::test]
async fn a_slow_body_is_cut_off() {
    let desk = Desk::hasty(hello()).await;
    let head = format!("POST /form HTTP/1.1\r\nHost: desk\r\nContent-Length: 100\r\n{FORM}\r\na=1");
    let answer = desk.send(head).await;
    assert_eq!(answer.status, 408);
    assert!(answer.body.contains("通信に時間がかかりすぎた"), "{answer:?}");
}

/// A body may be long on the way as long as it moves.
#[tokio::test]
async fn a_body_in_pieces_arrives() {
    let desk = Desk::open(hello()).await;
    let mut stream = desk.connect().await;
    let head = format!("POST /form HTTP/1.1\r\nHost: desk\r\nContent-Length: 102\r\n{FORM}\r\na=");
    stream.write_all(head.as_bytes()).await.expect("it reads");
    for _ in 0..10 {
        stream.write_all(b"xxxxxxxxxx").await.expect("it reads");
        stream.flush().await.expect("it reads");
        tokio::task::yield_now().await;
    }
    assert_eq!(read_answer(&mut stream).await.body, "100");
}

/// NN-21: a header has 16 KiB at most.
#[tokio::test]
async fn an_oversized_header_is_refused() {
    let desk = Desk::open(hello()).await;
    let answer = desk.get("/", &format!("X-Long: {}\r\n", "x".repeat(16 * 1024))).await;
    assert_eq!(answer.status, 431);
    let answer = desk.get("/", &format!("X-Long: {}\r\n", "x".repeat(15 * 1024))).await;
    assert_eq!(answer.status, 200);
}

/// NN-21: a form has 1 MiB at most, or what its route says; a browser that still
/// sends reads our page and not a broken connection.
#[tokio::test]
async fn an_oversized_body_is_refused_with_words() {
    let tight = hello().layer(axum::Extension(BodyLimit(10)));
    for (routes, size) in [(hello(), 3 * 1024 * 1024), (tight, 30)] {
        let desk = Desk::open(routes).await;
        let body = format!("a={}", "x".repeat(size));
        let answer = desk.post("/form", FORM, body.as_bytes()).await;
        assert_eq!(answer.status, 413, "{size}");
        assert!(answer.body.contains("送られた内容が大きすぎます"), "{answer:?}");
    }
}

/// Beyond the limit callers wait in the queue; nobody is refused.
#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let desk = Desk::with(hello(), settings).await;
    let mut first = desk.connect().await;
    assert_eq!(exchange(&mut first, REQUEST).await.status, 200);
    let mut second = desk.connect().await;
    second.write_all(REQUEST).await.expect("the kernel takes it");
    // The first still has the only place, and is served again.
    assert_eq!(exchange(&mut first, REQUEST).await.status, 200);
    drop(first);
    assert_eq!(read_answer(&mut second).await.body, "hello");
}

/// NN-21: a caller that stops reading gives its place back.
#[tokio::test]
async fn a_caller_that_reads_nothing_is_cut_off() {
    let endless = async || {
        let piece = || Ok::<_, Infallible>(Bytes::from_static(&[0; 64 * 1024]));
        Body::from_stream(stream::repeat_with(piece))
    };
    let limits = Limits { connections: 1, stall_seconds: 0.2, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let desk = Desk::with(hello().route("/endless", get(endless)), settings).await;
    let mut deaf = desk.connect().await;
    deaf.write_all(b"GET /endless HTTP/1.1\r\nHost: desk\r\n\r\n").await.expect("it reads");
    assert_eq!(desk.get("/", "").await.body, "hello");
}

/// A stop finishes what is under way, and takes nothing new.
#[tokio::test]
async fn a_stop_finishes_what_is_under_way() {
    let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begin, wait) = (Arc::clone(&begun), Arc::clone(&finish));
    let slow = async move || {
        begin.notify_one();
        wait.notified().await;
        "done"
    };
    let desk = Desk::open(hello().route("/slow", get(slow))).await;
    let mut idle = desk.connect().await;
    assert_eq!(exchange(&mut idle, REQUEST).await.status, 200);
    let mut busy = desk.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: desk\r\n\r\n").await.expect("it reads");
    begun.notified().await;

    desk.shutdown.trigger();
    assert_eq!(until_closed(idle).await, b"", "an idle connection is closed at once");
    finish.notify_one();
    let answer = read_answer(&mut busy).await;
    assert_eq!((answer.body.as_str(), answer.header("connection")), ("done", Some("close")));
    desk.task.await.expect("no panic").expect("no fault");
    assert!(TcpStream::connect(desk.addr).await.is_err(), "nothing new");
}

/// What does not finish in time is cut, so that a restart never hangs.
#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let begun = Arc::new(Notify::new());
    let begin = Arc::clone(&begun);
    let never = async move || {
        begin.notify_one();
        std::future::pending::<&'static str>().await
    };
    let desk = Desk::hasty(Router::new().route("/", get(never))).await;
    let mut stuck = desk.connect().await;
    stuck.write_all(REQUEST).await.expect("it reads");
    begun.notified().await;
    desk.shutdown.trigger();
    desk.task.await.expect("no panic").expect("no fault");
    assert_eq!(until_closed(stuck).await, b"");
}

/// MN-7.2: a handler sees the caller's address, and a stranger cannot choose it.
#[tokio::test]
async fn the_callers_address_is_the_socket_s() {
    let routes = Router::new().route("/", get(async |Peer(ip): Peer| ip.to_string()));
    let desk = Desk::open(routes).await;
    let answer = desk.get("/", "X-Forwarded-For: 192.0.2.1\r\n").await;
    assert_eq!(answer.body, "127.0.0.1");
}

/// NF-36: whoever closes the window in the middle of a step does not leave half of it.
#[tokio::test]
async fn a_step_that_began_goes_on_without_its_caller() {
    let marks: [Arc<Notify>; 3] = Default::default();
    let [begun, goes_on, done] = marks.clone();
    let step = move |_: FormData| {
        let [begun, goes_on, done] = marks.clone();
        async move {
            begun.notify_one();
            goes_on.notified().await;
            done.notify_one();
        }
    };
    let desk = Desk::open(Router::new().route("/step", post(step))).await;
    let mut stream = desk.connect().await;
    let request =
        format!("POST /step HTTP/1.1\r\nHost: desk\r\nContent-Length: 3\r\n{FORM}\r\na=1");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    begun.notified().await;
    drop(stream);
    // Time for the server to see that nobody is there.
    tokio::time::sleep(Duration::from_millis(200)).await;
    goes_on.notify_one();
    let ended = tokio::time::timeout(Duration::from_secs(120), done.notified()).await;
    assert!(ended.is_ok(), "the step ended with its connection");
}
