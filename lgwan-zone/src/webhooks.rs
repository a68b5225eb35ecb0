//! Tells business systems what happened (`docs/decisions/0079`): signed, in the order of each
//! application, again until it is taken. It dials addresses of the allowed networks only, the very ones
//! it looked up, and follows nobody elsewhere.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use lgwan_zone_store::By;
use lgwan_zone_store::api::webhooks::{self, Delivery, Webhook};
use lgwan_zone_web::api::webhooks::{Reach, signature, why};
use lgwan_zone_web::identity::secret::Vault;
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::shutdown::Shutdown;
use platform_store::{Store, StoreError};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::config::WebhookConfig;
use crate::parts::StartError;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(2);

/// Microseconds after which what is over is taken away again: an hour.
const SWEEP: i64 = 3_600 * 1_000_000;

/// Deliveries of one webhook in one look.
const PIECE: i64 = 50;

/// The sending task.
pub(crate) struct Courier {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) halts: Halts,
    pub(crate) dialer: Dialer,
    pub(crate) vault: Arc<Vault>,
    /// Failures in a row after which a webhook halts.
    pub(crate) failures: i32,
}

/// The webhooks that are being told something.
#[derive(Default)]
struct Telling {
    hooks: BTreeSet<String>,
    tasks: JoinSet<String>,
}

impl Telling {
    /// Those that were told may be told more.
    fn tidy(&mut self) {
        while let Some(done) = self.tasks.try_join_next() {
            match done {
                Ok(hook) => {
                    self.hooks.remove(&hook);
                }
                // Which one it was is not known; each is looked at anew when the others are done.
                Err(lost) => tracing::error!(%lost, "the telling of a webhook ended"),
            }
        }
        if self.tasks.is_empty() {
            self.hooks.clear();
        }
    }
}

/// Whom it may dial, and how.
#[derive(Clone)]
pub(crate) struct Dialer {
    reach: Reach,
    tls: Option<TlsConnector>,
    timeout: Duration,
}

impl Dialer {
    /// What the settings allow.
    ///
    /// # Errors
    /// [`StartError`] when a network lies outside of closed ones or a certificate cannot be used.
    pub(crate) fn new(config: &WebhookConfig) -> Result<Self, StartError> {
        if let Some(open) = config.networks.outside() {
            return Err(StartError::WebhookNetwork(open));
        }
        let tls = config.ca.as_ref().map(|path| {
            let pem = std::fs::read(path).map_err(StartError::io("webhooks.ca"))?;
            let mut roots = RootCertStore::empty();
            for one in CertificateDer::pem_slice_iter(&pem) {
                let one = one.map_err(|why| bad("webhooks.ca", &why))?;
                roots.add(one).map_err(|why| bad("webhooks.ca", &why))?;
            }
            let config = ClientConfig::builder().with_root_certificates(roots);
            Ok::<_, StartError>(TlsConnector::from(Arc::new(config.with_no_client_auth())))
        });
        Ok(Self {
            reach: config.networks.clone(),
            tls: tls.transpose()?,
            timeout: Duration::from_secs(config.timeout_seconds.as_usize() as u64),
        })
    }

    /// Sends it once: the status of the answer, or why there is none. Nothing of the answer's body is
    /// read.
    async fn send(&self, uri: &Uri, request: Request<Full<Bytes>>) -> Result<StatusCode, String> {
        let sent = tokio::time::timeout(self.timeout, self.dial(uri, request)).await;
        match sent {
            Ok(Ok(status)) => Ok(status),
            Ok(Err(why)) => Err(why),
            Err(_) => Err("timeout".to_owned()),
        }
    }

    async fn dial(&self, uri: &Uri, request: Request<Full<Bytes>>) -> Result<StatusCode, String> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let found = tokio::net::lookup_host((host.as_str(), port)).await;
        let found: Vec<SocketAddr> = found.map_err(|why| told("lookup", &why))?.collect();
        // One address outside is one too many: it is not ours to choose which is meant.
        let Some(first) =
            found.first().filter(|_| found.iter().all(|one| self.reach.allows(one.ip())))
        else {
            return Err("address not allowed".to_owned());
        };
        let stream = TcpStream::connect(first).await.map_err(|why| told("connect", &why))?;
        if !secure {
            return exchange(stream, request).await;
        }
        let Some(tls) = &self.tls else {
            return Err("no certificate authority is set".to_owned());
        };
        let name = ServerName::try_from(host).map_err(|_| "bad name".to_owned())?;
        let stream = tls.connect(name, stream).await.map_err(|why| untrusted(&why))?;
        exchange(stream, request).await
    }
}

fn bad(what: &'static str, why: &dyn std::fmt::Display) -> StartError {
    StartError::Io { what, why: io::Error::other(why.to_string()) }
}

/// Whose webhook halted and why, as the alarm says it.
fn failing(name: &str, error: &str) -> String {
    if error.is_empty() { name.to_owned() } else { format!("{name}: {}", why(error)) }
}

/// A fault in few words, for the page and the log.
fn told(what: &str, why: &io::Error) -> String {
    let words: String = why.to_string().chars().take(100).collect();
    format!("{what}: {words}")
}

/// Why a receiver is not who it should be: a code with words of its own, else what the library says.
fn untrusted(why: &io::Error) -> String {
    let inner = why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let code = match inner {
        // Of another authority, or of one that only calls itself like ours.
        Some(rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        )) => "tls_issuer",
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => "tls_name",
        Some(rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "tls_expired",
        _ => return told("tls", why),
    };
    code.to_owned()
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |why: hyper::Error| format!("http: {why}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let kept = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(broken);
    // The connection is for one request; what else comes on it is nobody's.
    kept.abort();
    answer.map(|answer| answer.status())
}

impl Courier {
    /// Tells until told to stop. A fault is logged: it never stops the pages.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        let courier = Arc::new(self);
        let (mut halted, mut telling) = (BTreeSet::new(), Telling::default());
        let mut swept: Option<i64> = None;
        loop {
            telling.tidy();
            let now = courier.clock.now().as_microsecond();
            if swept.is_none_or(|at| now - at >= SWEEP) {
                courier.sweep(now).await;
                swept = Some(now);
            }
            let looked = courier.look(&mut halted, &mut telling, &stop).await;
            if let Err(error) = looked {
                tracing::error!(%error, "webhooks cannot be told");
            }
            tokio::select! {
                () = stop.wait() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
        // Each ends behind what it is sending now.
        telling.tasks.join_all().await;
        Ok(())
    }

    /// Takes away what is over. What cannot be taken away now goes an hour later.
    async fn sweep(&self, now: i64) {
        match self.store.write(move |tx| webhooks::sweep(tx, now)).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(gone, "deliveries of webhooks that are over are taken away"),
            Err(error) => tracing::error!(%error, "deliveries of webhooks cannot be taken away"),
        }
    }

    /// Each webhook at its own pace: one that is slow holds up no other.
    async fn look(
        self: &Arc<Self>,
        halted: &mut BTreeSet<String>,
        telling: &mut Telling,
        stop: &Shutdown,
    ) -> Result<(), StoreError> {
        let now = self.clock.now().as_microsecond();
        let (open, stopped) = self
            .store
            .read(move |db| Ok((webhooks::open(db, now)?, webhooks::halted(db)?)))
            .await?;
        self.warn(halted, stopped);
        for hook in open {
            if !telling.hooks.insert(hook.id.clone()) {
                continue;
            }
            let (courier, stop) = (Arc::clone(self), stop.clone());
            telling.tasks.spawn(async move {
                if let Err(error) = courier.tell(&hook, &stop).await {
                    tracing::error!(%error, "a webhook cannot be told");
                }
                hook.id
            });
        }
        Ok(())
    }

    /// Operators see which webhooks halted, by the names of their keys.
    fn warn(&self, before: &mut BTreeSet<String>, now: Vec<(String, String, String)>) {
        for id in &*before {
            if !now.iter().any(|(there, ..)| there == id) {
                self.halts.all_is_well(&format!("webhook {id}"));
            }
        }
        before.clear();
        for (id, name, error) in now {
            self.halts.warn(Need {
                part: format!("webhook {id}"),
                code: "webhook",
                why: format!("the webhook {id} failed too often in a row"),
                detail: failing(&name, &error),
            });
            before.insert(id);
        }
    }

    /// What one webhook is to be told, one after the other; a failure ends the look.
    async fn tell(&self, hook: &Webhook, stop: &Shutdown) -> Result<(), StoreError> {
        let (id, now) = (hook.id.clone(), self.clock.now().as_microsecond());
        let due = self.store.read(move |db| webhooks::due(db, &id, now, PIECE)).await?;
        for told in due {
            if stop.is_triggered() {
                return Ok(());
            }
            let answer = self.send(hook, &told).await;
            let by = By::system(self.clock.now());
            match answer {
                Ok(status) if status.is_success() => {
                    let at = by.at.as_microsecond();
                    let answer = status.as_u16().to_string();
                    self.store.write(move |tx| webhooks::taken(tx, &told, at, &answer)).await?;
                }
                other => {
                    let why = other.map_or_else(|why| why, |status| status.as_u16().to_string());
                    tracing::warn!(webhook = hook.id, event = told.event(), why, "not taken");
                    let most = self.failures;
                    let halted = self
                        .store
                        .write(move |tx| webhooks::failed(tx, &by, (&told, &why), most))
                        .await?;
                    if halted {
                        tracing::error!(webhook = hook.id, "a webhook failed too often and halts");
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn send(&self, hook: &Webhook, told: &Delivery) -> Result<StatusCode, String> {
        let uri: Uri = hook.url.parse().map_err(|_| "bad address".to_owned())?;
        let authority = uri.authority().map_or("", |one| one.as_str()).to_owned();
        let path = uri.path_and_query().map_or("/", |one| one.as_str()).to_owned();
        let at = self.clock.now().as_second().to_string();
        let signed = signature(&self.vault.webhook(&hook.id), &at, &told.body);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(HOST, authority)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "madoguchi-webhook/1")
            .header("madoguchi-event", told.event())
            .header("madoguchi-timestamp", &at)
            .header("madoguchi-signature", format!("v1={signed}"))
            .body(Full::new(Bytes::from(told.body.clone())));
        let request = request.map_err(|_| "bad address".to_owned())?;
        self.dialer.send(&uri, request).await
    }
}
