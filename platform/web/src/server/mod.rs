//! The accept loop: one listener, bounded in number, time and size.
//!
//! ```text
//!  permit ─► accept ─► TLS handshake ─► header ─► body ─► answer ─► next header …
//!  ≤ n       alarm     ≤ 10 s           ≤ 10 s,   ≥ 1 KiB/s         ≤ 10 s idle
//!            on stop                    ≤ 16 KiB  after 10 s        writes move within 30 s
//! ```
//!
//! The framework's own loop has no header timeout: 500 clients that send one
//! byte a second would take the service down (MN-7.2, NN-21).

mod body;
mod limits;
mod peer;
mod stall;
mod tls;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use platform_service::shutdown::Shutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit as Permit, Semaphore};
use tokio::time::timeout;
use tower::Service as _;

pub use body::BodyRefused;
pub use limits::Limits;
pub use peer::{BadNetwork, Peer, Proxies, Secure};
pub use tls::{BadTls, Tls, TlsFiles};

use body::PacedBody;
use stall::Stalling;

/// How a listener serves.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Time, size and number limits.
    pub limits: Limits,
    /// Certificate and key; `None` behind a proxy that speaks TLS.
    pub tls: Option<Tls>,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub proxies: Proxies,
}

/// Serves until the signal to stop; then finishes what is under way, at most
/// `limits.stop_seconds` long.
///
/// # Errors
/// When the listener itself is unusable.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    settings: Settings,
    shutdown: Shutdown,
) -> io::Result<()> {
    let server = Arc::new(Server {
        app,
        permits: Arc::new(Semaphore::new(settings.limits.connections)),
        settings,
        graceful: shutdown,
        cut: Shutdown::new(),
    });
    accept_until_stopped(&listener, &server).await?;
    drop(listener);
    server.drained().await;
    Ok(())
}

struct Server {
    app: Router,
    settings: Settings,
    permits: Arc<Semaphore>,
    /// Finish what is under way.
    graceful: Shutdown,
    /// Time is up.
    cut: Shutdown,
}

async fn accept_until_stopped(listener: &TcpListener, server: &Arc<Server>) -> io::Result<()> {
    loop {
        let accepted = tokio::select! {
            biased;
            () = server.graceful.wait() => return Ok(()),
            accepted = accept(listener, server) => accepted,
        };
        let (stream, remote, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_fatal(&error) => return Err(error),
            Err(error) => {
                // No descriptors left, or the caller hung up: others may go on.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let server = Arc::clone(server);
        tokio::spawn(async move {
            tokio::select! {
                () = server.connection(stream, remote, Arc::new(permit)) => {}
                () = server.cut.wait() => {}
            }
        });
    }
}

/// Waits for a free place first, so that callers beyond the limit queue in the kernel.
async fn accept(
    listener: &TcpListener,
    server: &Server,
) -> io::Result<(TcpStream, SocketAddr, Permit)> {
    let permit = Arc::clone(&server.permits).acquire_owned().await;
    let permit = permit.map_err(io::Error::other)?;
    let (stream, remote) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, remote, permit))
}

fn is_fatal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotConnected)
}

impl Server {
    async fn connection(&self, stream: TcpStream, remote: SocketAddr, place: Arc<Permit>) {
        let limits = &self.settings.limits;
        let stream = Stalling::new(stream, limits.stall());
        match &self.settings.tls {
            None => self.speak(stream, (remote, false), &place).await,
            Some(tls) => {
                // Scanners and callers that hang up are not worth a log line each.
                if let Ok(Ok(stream)) = timeout(limits.header(), tls.accept(stream)).await {
                    self.speak(stream, (remote, true), &place).await;
                }
            }
        }
    }

    async fn speak<T>(&self, stream: T, from: (SocketAddr, bool), place: &Arc<Permit>)
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let limits = &self.settings.limits;
        let service = service_fn(|request| self.answer(request, from, place));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header())
            .max_header_size(limits.header_bytes)
            .max_buf_size(limits.header_bytes.max(64 * 1024))
            .half_close(false)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.graceful.wait() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    /// A request that changes something runs to its end, whether or not who sent it waits: half
    /// of a step for many must not stand because a window was closed. It keeps the place of its
    /// connection until then, so that such requests are bounded and waited for like the others.
    async fn answer(
        &self,
        request: http::Request<Incoming>,
        (remote, secure): (SocketAddr, bool),
        place: &Arc<Permit>,
    ) -> Result<Response, Infallible> {
        let (mut parts, body) = request.into_parts();
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        let proxies = &self.settings.proxies;
        let (peer, secure) = proxies.look_through(remote.ip(), secure, &parts.headers);
        parts.extensions.insert(peer);
        parts.extensions.insert(secure);
        let body = if body.is_end_stream() {
            Body::empty()
        } else {
            Body::new(PacedBody::new(body, &self.settings.limits))
        };
        let answer = self.app.clone().call(Request::from_parts(parts, body));
        if reads {
            return answer.await;
        }
        let place = Arc::clone(place);
        let work = tokio::spawn(async move {
            let answer = answer.await;
            drop(place);
            answer
        });
        let lost = |_| Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        work.await.unwrap_or_else(lost)
    }

    /// Returns when every connection has ended or was cut.
    async fn drained(&self) {
        let all = u32::try_from(self.settings.limits.connections).unwrap_or(u32::MAX);
        let ended = self.permits.acquire_many(all);
        if timeout(self.settings.limits.stop(), ended).await.is_err() {
            tracing::warn!("connections still open at the end of the time to stop were cut");
            self.cut.trigger();
        }
    }
}
