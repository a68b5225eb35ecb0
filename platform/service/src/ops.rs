//! The operator's view of a service, on a private address of its own:
//! `/livez` (the process answers), `/readyz` (it may get traffic; names the parts
//! that stopped while the rest goes on), `/metrics`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::halts::Halts;
use crate::metrics::Metrics;
use crate::shutdown::Shutdown;

/// Says whether the service may get traffic: `Err` names what is missing.
pub type Health = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// A running operations listener.
#[derive(Debug)]
pub struct Ops {
    /// Where it listens; differs from the wish when port 0 was asked for.
    pub addr: SocketAddr,
    /// Ends after the shutdown signal.
    pub task: JoinHandle<()>,
}

/// Starts the listener.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve(
    addr: SocketAddr,
    health: Health,
    halts: Halts,
    metrics: Metrics,
    shutdown: Shutdown,
) -> io::Result<Ops> {
    serve_on(TcpListener::bind(addr).await?, health, halts, metrics, shutdown)
}

/// The same on a listener that is open already.
///
/// # Errors
/// When the listener has no address.
pub fn serve_on(
    listener: TcpListener,
    health: Health,
    halts: Halts,
    metrics: Metrics,
    shutdown: Shutdown,
) -> io::Result<Ops> {
    let addr = listener.local_addr()?;
    let router = router(View { health, halts, metrics, shutdown: shutdown.clone() });
    let task = tokio::spawn(async move {
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
                () = shutdown.wait() => return,
            };
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                // A monitor that hangs up early is no fault of ours.
                let _ = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(std::time::Duration::from_secs(5))
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(Ops { addr, task })
}

#[derive(Clone)]
struct View {
    health: Health,
    halts: Halts,
    metrics: Metrics,
    shutdown: Shutdown,
}

fn router(view: View) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(numbers))
        .with_state(view)
}

async fn ready(State(view): State<View>) -> impl IntoResponse {
    if view.shutdown.is_triggered() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    match (view.health)() {
        // A part that waits for an operator does not send citizens or staff away.
        Ok(()) => (StatusCode::OK, "ok\n".to_owned() + &stopped(&view.halts)),
        Err(missing) => (StatusCode::SERVICE_UNAVAILABLE, missing + "\n"),
    }
}

fn stopped(halts: &Halts) -> String {
    let stopped = halts.all().into_iter();
    let told = stopped.map(|halt| format!("stopped: {}: {}\n", halt.part, halt.why));
    let warned = halts.warnings().into_iter();
    told.chain(warned.map(|one| format!("warning: {}: {}\n", one.part, one.why))).collect()
}

async fn numbers(State(view): State<View>) -> impl IntoResponse {
    let stopped = view.metrics.gauge("parts_stopped", "Parts that wait for an operator");
    stopped.set(i64::try_from(view.halts.all().len()).unwrap_or(i64::MAX));
    let warned = view.metrics.gauge("parts_warned", "Parts that work but are in need");
    warned.set(i64::try_from(view.halts.warnings().len()).unwrap_or(i64::MAX));
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], view.metrics.text())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;
    use crate::halts::{Halt, Need};

    async fn fetch(addr: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(addr).await.expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: ops\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        answer
    }

    /// NN-7: the monitor sees a service that cannot work, and why.
    #[tokio::test]
    async fn readiness_names_what_is_missing() {
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let health: Health = Arc::new(|| Err("database".to_owned()));
        let shutdown = Shutdown::new();
        let ops = serve(local, health, Halts::default(), Metrics::default(), shutdown.clone())
            .await
            .expect("port 0 is free");

        let ready = fetch(ops.addr, "/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 503") && ready.ends_with("database\n"), "{ready}");
        assert!(fetch(ops.addr, "/livez").await.starts_with("HTTP/1.1 200"));

        shutdown.trigger();
        ops.task.await.expect("it stops when told");
    }

    /// NN-7: a part that stopped is named; the rest keeps its traffic.
    #[tokio::test]
    async fn a_stopped_part_is_named_while_the_service_goes_on() {
        let (halts, shutdown) = (Halts::default(), Shutdown::new());
        halts.note(Halt {
            part: "lane raw".to_owned(),
            code: "halted",
            why: "two bundles of one number".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
        });
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let (health, in_need): (Health, _) = (Arc::new(|| Ok(())), halts.clone());
        let ops = serve(local, health, halts, Metrics::default(), shutdown.clone())
            .await
            .expect("port 0 is free");

        let ready = fetch(ops.addr, "/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
        assert!(ready.ends_with("stopped: lane raw: two bundles of one number\n"), "{ready}");
        in_need.warn(Need {
            part: "spool".to_owned(),
            code: "spool_alarm",
            detail: "81 %".to_owned(),
            why: "alarm: disk 81 %".to_owned(),
        });
        assert!(fetch(ops.addr, "/readyz").await.ends_with("warning: spool: alarm: disk 81 %\n"));
        assert!(fetch(ops.addr, "/metrics").await.contains("parts_warned 1\n"));
        in_need.all_is_well("spool");
        assert!(!fetch(ops.addr, "/readyz").await.contains("warning"));
        assert!(fetch(ops.addr, "/metrics").await.contains("parts_stopped 1\n"));

        shutdown.trigger();
        ops.task.await.expect("it stops when told");
    }
}
