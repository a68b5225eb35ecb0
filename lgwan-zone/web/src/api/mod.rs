//! The interface for business systems inside LGWAN (IK-2.1.2d2, NB-2.6, NF-35).
//!
//! `docs/api/openapi.json` is its one description: this zone serves that very file, and the tests
//! hold it against the routes here and against what is answered.
//!
//! | Module | Does |
//! |---|---|
//! | [`routes`] | every route with the action it is for |
//! | `guard` | which key asks, from where, how often, whether the route is its own |
//! | `query` | reads addresses, strictly |
//! | `applications`, `answers`, `files` | what changed, one application, its rebuilt files |
//! | `procedures`, `statistics` | forms and numbers |
//! | `steps`, `write` | what a business system may do, each once and on the version it saw |
//! | [`keys`] | the pages on which administrators make and end keys |
//! | [`webhooks`] | the pages of what business systems are told, and the signature |

mod answers;
mod applications;
mod files;
mod guard;
pub mod keys;
mod procedures;
mod query;
pub mod routes;
mod statistics;
mod steps;
pub mod webhooks;
mod write;

use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use platform_web::{OrFault as _, Trouble};
use serde::Serialize;

/// The description, as it is published.
pub const DESCRIPTION: &str = include_str!("../../../../docs/api/openapi.json");

/// Serves the description to everybody who reaches this zone (NB-2.6).
async fn description() -> Response {
    let media = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, media)], DESCRIPTION).into_response()
}

/// An answer that no cache keeps.
fn json<T: Serialize>(value: &T) -> Result<Response, Trouble> {
    let text = serde_json::to_string(value).or_fault()?;
    Ok(written(text))
}

fn written(text: String) -> Response {
    let media = HeaderValue::from_static("application/json");
    let never = HeaderValue::from_static("no-store");
    ([(CONTENT_TYPE, media), (CACHE_CONTROL, never)], text).into_response()
}

/// The version of an application as `ETag` and `If-Match` carry it.
fn etag(version: i32) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}
