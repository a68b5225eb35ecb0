//! The bare floor that the figures are measured against, in the same run: our
//! listener and our store, without the town.
//!
//! - `accept`: a 4 KiB body and an audit event in one durable group commit;
//! - `page`: a ready page of 20 KiB.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform_audit::{Chain, Event, record};
use platform_service::clock::Clock;
use platform_service::ids;
use platform_service::shutdown::Shutdown;
use platform_store::{Migrations, Store, StoreConfig};
use platform_web::server::{self, Settings};
use tokio::net::TcpListener;

use crate::client::{self, Figures};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

use schema::floor_rows;

mod schema {
    diesel::table! {
        floor_rows (id) {
            id -> Text,
            body -> Binary,
        }
    }
}

/// Durable commits a second through our listener.
///
/// # Errors
/// When the store or the listener cannot be opened.
pub async fn accept(url: &str, clients: usize, each: usize) -> Result<Figures, String> {
    let store = store(url)?;
    let app = Router::new().route("/", post(keep)).with_state(store);
    let mut request = b"POST / HTTP/1.1\r\nHost: floor\r\nContent-Length: 4096\r\n\r\n".to_vec();
    request.resize(request.len() + 4096, b'x');
    measure(app, request, clients, each, 204).await
}

/// A store with an operation log and nothing of the town.
pub(crate) fn store(url: &str) -> Result<Store, String> {
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    Store::open(&StoreConfig::at(url), migrations, Box::new(Chain::new("floor")))
        .map_err(|error| error.to_string())
}

async fn keep(State(store): State<Store>, body: Bytes) -> StatusCode {
    let clock = Clock::system();
    let (id, now) = (ids::new(&clock), clock.now());
    let kept = store
        .write(move |tx| {
            record(tx, Event::new(now, "floor", "floor.kept", &id));
            diesel::insert_into(floor_rows::table)
                .values((floor_rows::id.eq(id), floor_rows::body.eq(body.to_vec())))
                .execute(tx.db)
        })
        .await;
    if kept.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR }
}

/// Ready pages a second through our listener.
///
/// # Errors
/// When the listener cannot be opened.
pub async fn page(clients: usize, each: usize) -> Result<Figures, String> {
    ready(20 * 1024, clients, each).await
}

/// The time of a ready body of this size, one client.
///
/// # Errors
/// When the listener cannot be opened.
pub async fn body(bytes: usize, times: usize) -> Result<Figures, String> {
    ready(bytes, 1, times).await
}

async fn ready(bytes: usize, clients: usize, each: usize) -> Result<Figures, String> {
    let ready = Bytes::from(vec![b'x'; bytes]);
    let app = Router::new().route("/", get(move || std::future::ready(ready.clone())));
    measure(app, b"GET / HTTP/1.1\r\nHost: floor\r\n\r\n".to_vec(), clients, each, 200).await
}

async fn measure(
    app: Router,
    request: Vec<u8>,
    clients: usize,
    each: usize,
    expect: u16,
) -> Result<Figures, String> {
    let words = |error: std::io::Error| error.to_string();
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = TcpListener::bind(local).await.map_err(words)?;
    let addr = listener.local_addr().map_err(words)?;
    let shutdown = Shutdown::new();
    let serving = tokio::spawn(server::serve(listener, app, Settings::default(), shutdown.clone()));
    let request: Arc<[u8]> = request.into();
    let requests = vec![vec![request; each]; clients];
    let figures = client::run(addr, requests, expect).await.map_err(words)?;
    shutdown.trigger();
    serving.await.map_err(|error| error.to_string())?.map_err(words)?;
    Ok(figures)
}
