//! What a visitor typed: ordered names and values, checked as text, unchecked
//! as content.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::BodyExt as _;

use crate::result::{Reply, Trouble};
use crate::server::BodyRefused;

/// Most fields read from one form (NN-21: bounded memory).
pub const MOST_FIELDS: usize = 2_000;

/// Bytes read from one form unless the route says otherwise.
const DEFAULT_BYTES: u64 = 1024 * 1024;

/// Largest body of a route in bytes; put it on a route with
/// `.layer(axum::Extension(BodyLimit(…)))`.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub u64);

impl BodyLimit {
    /// The limit of this route, or `default`.
    pub(crate) fn of(extensions: &http::Extensions, default: u64) -> u64 {
        extensions.get::<Self>().map_or(default, |limit| limit.0)
    }
}

/// Names and values in the order they were sent. A name may repeat: the values
/// of check boxes come that way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormData(Vec<(String, String)>);

impl FormData {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// [`BadForm`] on more than [`MOST_FIELDS`] fields, on bytes that are not
    /// UTF-8, on NUL in a name. NUL in a value is read as U+FFFD (`readable`).
    pub fn parse(bytes: &[u8]) -> Result<Self, BadForm> {
        let mut fields = Vec::new();
        for pair in bytes.split(|byte| *byte == b'&') {
            if pair.is_empty() {
                continue;
            }
            if fields.len() == MOST_FIELDS {
                return Err(BadForm::TooManyFields);
            }
            let mut sides = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(sides.next().unwrap_or_default())?;
            if name.contains('\0') {
                return Err(BadForm::Nul);
            }
            let value = decode(sides.next().unwrap_or_default())?;
            fields.push((name, readable(value)));
        }
        Ok(Self(fields))
    }

    /// The value of a field that is sent once. When it was sent more often the
    /// first counts and the others do nothing (MN-7.2).
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// As [`one`](Self::one); a field that was not sent is empty.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.one(name).unwrap_or_default()
    }

    /// All values of a field, in the order they were sent.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field was sent, as the button that was pressed is.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.one(name).is_some()
    }

    /// All names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Values by name. Names that start with `_` are ours (token, button) and
    /// are left out.
    #[must_use]
    pub fn by_name(&self) -> BTreeMap<String, Vec<String>> {
        let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.0 {
            if !name.starts_with('_') {
                map.entry(name.clone()).or_default().push(value.clone());
            }
        }
        map
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for FormData {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let owned = |(name, value): (N, V)| (name.into(), value.into());
        Self(pairs.into_iter().map(owned).collect())
    }
}

/// Why form text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// More than [`MOST_FIELDS`].
    #[error("more than {MOST_FIELDS} fields")]
    TooManyFields,
    /// Bytes that are not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// A NUL character in a name.
    #[error("NUL")]
    Nul,
}

impl From<BadForm> for Trouble {
    fn from(bad: BadForm) -> Self {
        match bad {
            BadForm::TooManyFields => Reply::too_large("web.too_many_fields"),
            BadForm::NotText | BadForm::Nul => Reply::bad_request("web.bad_text"),
        }
        .into()
    }
}

/// `+` and `%xx` decoded; a `%` without two digits stands for itself.
fn decode(raw: &[u8]) -> Result<String, BadForm> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        at += 1;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match raw.get(at..at + 2).and_then(hex_pair) {
                Some(value) => {
                    at += 2;
                    value
                }
                None => b'%',
            },
            plain => plain,
        });
    }
    String::from_utf8(bytes).map_err(|_| BadForm::NotText)
}

/// A value without NUL, which no page and no database can hold: U+FFFD stands where one stood, a
/// character every check of a text refuses at its field, so that everything else stays (NF-7).
pub(crate) fn readable(value: String) -> String {
    if value.contains('\0') { value.replace('\0', "\u{FFFD}") } else { value }
}

/// The byte two hexadecimal digits stand for.
pub(crate) fn hex_pair(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let [high, low] = digits else { return None };
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

/// The part of the address behind `?`. A form sent with GET needs no token.
#[derive(Clone, Debug, Default)]
pub struct QueryData(pub FormData);

impl<S: Sync> FromRequestParts<S> for QueryData {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(FormData::parse(query.as_bytes())?))
    }
}

/// A posted form without proof of origin. Pages use
/// [`CsrfForm`](crate::csrf::CsrfForm); this one is for callers that prove
/// themselves in another way.
impl<S: Sync> FromRequest<S> for FormData {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &S) -> Result<Self, Trouble> {
        if media_type(request.headers()) != "application/x-www-form-urlencoded" {
            return Err(Reply::forbidden("web.forged").into());
        }
        let limit = BodyLimit::of(request.extensions(), DEFAULT_BYTES);
        let bytes = collect(request.into_body(), limit).await?;
        Ok(Self::parse(&bytes)?)
    }
}

/// The media type without parameters, in lower case.
pub(crate) fn media_type(headers: &http::HeaderMap) -> String {
    let text = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let media = text.and_then(|text| text.split(';').next());
    media.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// 413 when it is larger, 408 when it came too slowly, 400 when it broke off.
pub async fn collect(mut body: Body, limit: u64) -> Result<Bytes, Trouble> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| BodyRefused::explain(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if (whole.len() + data.len()) as u64 > limit {
            drain(body, limit).await;
            return Err(Reply::too_large("web.too_large").into());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// Reads on for a while and forgets: a browser that is cut off while it still
/// sends shows its own error instead of our page.
pub(crate) async fn drain(mut body: Body, limit: u64) {
    let mut left = limit.saturating_mul(4);
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, bytes::Bytes::len) as u64;
        match left.checked_sub(read) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_repeat() {
        let form = FormData::parse("b=2&a=%E8%8A%B1+%E5%AD%90&b=1&=x&c&&d=a%zz=%".as_bytes());
        let form = form.expect("it is text");
        assert_eq!(form.one("a"), Some("花 子"));
        assert_eq!(form.all("b").collect::<Vec<_>>(), ["2", "1"]);
        assert_eq!((form.text("c"), form.has("c"), form.has("e")), ("", true, false));
        assert_eq!(form.text("d"), "a%zz=%");
    }

    /// MN-7.2: with `fee=0&fee=500` the first counts, wherever it is asked for.
    #[test]
    fn the_first_of_two_values_counts() {
        let form = FormData::parse(b"fee=0&fee=500").expect("it is text");
        assert_eq!((form.one("fee"), form.text("fee")), (Some("0"), "0"));
    }

    /// NN-21: bytes that are no text are refused, never stored, never a fault.
    #[test]
    fn bytes_that_are_no_text_are_refused() {
        for raw in ["a=%ff", "a=%c0%af", "a=%ed%a0%80", "a=%f5%80%80%80", "%80=1"] {
            let read = FormData::parse(raw.as_bytes());
            assert_eq!(read, Err(BadForm::NotText), "{raw}");
        }
        let nul = FormData::parse(b"a=x%00y").expect("it is text");
        assert_eq!(nul.one("a"), Some("x\u{FFFD}y"));
        assert_eq!(FormData::parse(b"a\0=x"), Err(BadForm::Nul));
    }

    /// NN-21: a form is bounded.
    #[test]
    fn a_form_has_at_most_2000_fields() {
        let body = "a=1&".repeat(MOST_FIELDS);
        let form = FormData::parse(body.as_bytes()).expect("just enough");
        assert_eq!(form.iter().count(), MOST_FIELDS);
        let body = body + "a=1";
        assert_eq!(FormData::parse(body.as_bytes()), Err(BadForm::TooManyFields));
    }

    #[test]
    fn our_own_fields_are_no_answers() {
        let form = FormData::parse(b"_csrf=x&a=1&a=2&_back=1").expect("it is text");
        let expected = BTreeMap::from([("a".to_owned(), vec!["1".to_owned(), "2".to_owned()])]);
        assert_eq!(form.by_name(), expected);
    }
}
