//! What every write has in common: it names the version it saw (`If-Match`) and carries a key of its
//! own (`Idempotency-Key`), so that it is done once and never on something else.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH};
use lgwan_zone_store::api::calls::{Call, Known};
use platform_web::form::{BodyLimit, collect};
use platform_web::{Reply, Trouble};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{etag, written};
use crate::guard::sha256;

/// Bytes of a body without a document.
pub(super) const SMALL: u64 = 64 * 1024;
/// Bytes of a body with a document of 10 MB in base64.
pub(super) const LARGE: u64 = 14 * 1024 * 1024;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What is sent as a JSON object. A derived reader also takes an array with the members in the
/// order of our source, which nobody was promised.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        from.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// A write as it was sent.
#[derive(Debug)]
pub(super) struct Write {
    /// Chosen by the business system; 8 to 64 letters, digits, `-` and `_`.
    pub(super) key: String,
    /// Hash of address, version and body.
    pub(super) request: String,
    /// The version it saw; none for writes that change no application.
    seen: Option<i32>,
    body: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Write {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &S) -> Result<Self, Trouble> {
        let (parts, body): (_, Body) = request.into_parts();
        if parts.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(super::query::bad("?"));
        }
        let key = idempotency(&parts.headers)?;
        let seen = seen(&parts.headers)?;
        let limit = parts.extensions.get::<BodyLimit>().map_or(SMALL, |limit| limit.0);
        let body = collect(body, limit).await?.to_vec();
        if !body.is_empty() && !is_json(&parts.headers) {
            return Err(Reply::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "api.not_json").into());
        }
        let mut asked = format!("{}\n{seen:?}\n", parts.uri.path()).into_bytes();
        asked.extend_from_slice(&body);
        Ok(Self { key, request: sha256(&asked), seen, body })
    }
}

fn idempotency(headers: &HeaderMap) -> Result<String, Trouble> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else {
        return Err(Reply::bad_request("api.no_idempotency_key").into());
    };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let good = (8..=64).contains(&key.len()) && key.as_bytes().iter().all(plain);
    match key.to_str() {
        Ok(key) if good => Ok(key.to_owned()),
        _ => Err(Reply::bad_request("api.no_idempotency_key").into()),
    }
}

fn seen(headers: &HeaderMap) -> Result<Option<i32>, Trouble> {
    let Some(tag) = headers.get(IF_MATCH) else { return Ok(None) };
    let bad = || Trouble::from(Reply::bad_request("api.bad_version"));
    let tag = tag.to_str().map_err(|_| bad())?;
    let digits = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).ok_or_else(bad)?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| plain);
    number.map(Some).ok_or_else(bad)
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|media| media.split(';').next());
    media.is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

impl Write {
    /// The version it saw.
    ///
    /// # Errors
    /// A refusal with 428 when it names none.
    pub(super) fn seen(&self) -> Result<i32, Trouble> {
        let missing = || Reply::new(StatusCode::PRECONDITION_REQUIRED, "api.no_version").into();
        self.seen.ok_or_else(missing)
    }

    /// The body, which must hold what is known and nothing else.
    ///
    /// # Errors
    /// A refusal with 422.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        let body = serde_json::from_slice::<Object<T>>(&self.body);
        body.map(|object| object.0)
            .map_err(|why| Reply::unprocessable("api.bad_body").with("why", why).into())
    }

    /// A write that says everything by its address.
    ///
    /// # Errors
    /// A refusal with 422 when it has a body.
    pub(super) fn without_body(&self) -> Result<(), Trouble> {
        if self.body.is_empty() {
            return Ok(());
        }
        Err(Reply::unprocessable("api.body").into())
    }
}

/// The answer when it was sent before; `None` when it was not.
///
/// # Errors
/// A refusal with 422 when another write had the same key.
pub(super) fn before(known: Known) -> Result<Option<Response>, Trouble> {
    match known {
        Known::New => Ok(None),
        Known::Done(call) => {
            let mut answer = done(&call);
            answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(Some(answer))
        }
        Known::Other => Err(Reply::unprocessable("api.key_used").into()),
    }
}

/// The answer to a write that is done.
pub(super) fn done(call: &Call) -> Response {
    ([(ETAG, etag(call.version))], written(call.answer.clone())).into_response()
}
