//! Proof that a form came from our own page (MN-7.2).
//!
//! Every browser gets a visitor cookie of 128 random bits with its first form.
//! The form carries a token made from that cookie, from the session cookie and
//! from a key only the server has, so nothing is stored. The token changes with
//! the session: a page that signs someone in or out answers with
//! [`see_other`](crate::html::see_other), not with a form.
//!
//! ```text
//!  mac   = HMAC-SHA256(key, "csrf-1" ‖ len ‖ visitor ‖ len ‖ session)   first 16 bytes
//!  token = hex(mask ‖ mask xor mac)      mask: 16 random bytes, so that no two tokens look alike
//! ```

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::HeaderMap;
use http::request::Parts;
use platform_service::ids;
use ring::hmac;

use crate::cookies::{self, Cookie};
use crate::form::{FormData, hex_pair};
use crate::result::{Fault, Reply, Trouble};

/// Name of the form field that holds the token.
pub const FIELD: &str = "_csrf";

/// The key and the cookie names of one zone.
#[derive(Clone, Debug)]
pub struct Guard {
    key: Arc<hmac::Key>,
    visitor: &'static str,
    session: &'static str,
}

impl Guard {
    /// `visitor` and `session` are the names of the zone's cookies; two zones on
    /// one host need different ones.
    #[must_use]
    pub fn new(key: &[u8; 32], visitor: &'static str, session: &'static str) -> Self {
        Self { key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key)), visitor, session }
    }

    /// Who sends these headers.
    pub(crate) fn visitor(&self, headers: &HeaderMap) -> Visitor {
        let known = cookies::read(headers, self.visitor);
        let known = known.filter(|id| is_id(id)).map(str::to_owned);
        let session = cookies::read(headers, self.session).unwrap_or_default();
        Visitor(Arc::new(Inner {
            guard: self.clone(),
            session: session.to_owned(),
            known,
            fresh: OnceLock::new(),
        }))
    }
}

/// The browser that asks. Handlers take it as an argument to put
/// [`token`](Self::token) into a form.
#[derive(Clone, Debug)]
pub struct Visitor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    guard: Guard,
    session: String,
    known: Option<String>,
    /// Made when a form is first drawn; the shell then sets the cookie.
    fresh: OnceLock<String>,
}

impl Visitor {
    /// A token for a form on this page.
    #[must_use]
    pub fn token(&self) -> String {
        let mask: [u8; 16] = ids::random();
        let hidden = xor(mask, self.mac());
        let mut token = String::with_capacity(64);
        for byte in mask.into_iter().chain(hidden) {
            // Writing to a String cannot fail.
            let _ = write!(token, "{byte:02x}");
        }
        token
    }

    /// Whether `token` came from a page of ours, shown to this browser in this session.
    #[must_use]
    pub fn proves(&self, token: &str) -> bool {
        if self.0.known.is_none() {
            return false;
        }
        let Some(bytes) = unhex(token) else {
            return false;
        };
        let (mask, hidden) = bytes.split_at(16);
        let part = |half: &[u8]| -> [u8; 16] { half.try_into().expect("half of 32 bytes") };
        let claimed = xor(part(mask), part(hidden));
        // A tag over both compares them in constant time.
        let key = &self.0.guard.key;
        hmac::verify(key, &claimed, hmac::sign(key, &self.mac()).as_ref()).is_ok()
    }

    /// Sets the visitor cookie when a form of this answer needs it.
    pub(crate) fn remember(&self, answer: &mut Response) {
        if let Some(id) = self.0.fresh.get() {
            Cookie::new(self.0.guard.visitor, id.as_str()).set_on(answer);
        }
    }

    fn mac(&self) -> [u8; 16] {
        let fresh = || ids::random::<16>().iter().fold(String::new(), hex);
        let id = self.0.known.as_deref();
        let id = id.unwrap_or_else(|| self.0.fresh.get_or_init(fresh));
        let mut context = hmac::Context::with_key(&self.0.guard.key);
        context.update(b"csrf-1");
        for part in [id, &self.0.session] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let tag = context.sign();
        tag.as_ref()[..16].try_into().expect("16 of 32 bytes")
    }
}

fn hex(mut text: String, byte: &u8) -> String {
    // Writing to a String cannot fail.
    let _ = write!(text, "{byte:02x}");
    text
}

fn xor(left: [u8; 16], right: [u8; 16]) -> [u8; 16] {
    std::array::from_fn(|at| left[at] ^ right[at])
}

fn unhex(token: &str) -> Option<[u8; 32]> {
    let bytes: Option<Vec<u8>> = token.as_bytes().chunks(2).map(hex_pair).collect();
    bytes?.try_into().ok()
}

fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let visitor = parts.extensions.get::<Self>().cloned();
        visitor.ok_or_else(|| Fault::because("the router is not inside a Shell").into())
    }
}

/// A posted form that proves it came from our page.
///
/// Refused with 403: no or wrong token, any other media type such as `text/plain`.
#[derive(Debug)]
pub struct CsrfForm(pub FormData);

impl<S: Sync> FromRequest<S> for CsrfForm {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let form = FormData::from_request(Request::from_parts(parts, body), state).await?;
        if visitor.proves(form.text(FIELD)) {
            Ok(Self(form))
        } else {
            Err(Reply::forbidden("web.forged").into())
        }
    }
}

/// Whether the browser itself says that the request comes from a page of ours.
/// Headers that are not sent prove nothing and forbid nothing: the token decides.
pub(crate) fn comes_from_here(headers: &HeaderMap, origins: &[String]) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = text("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return false;
    }
    let Some(origin) = text("origin") else {
        return true;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    let same_host = host.is_some() && host == text("host");
    same_host || origins.iter().any(|own| own == origin)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const VISITOR: &str = "__Host-visitor";
    const SESSION: &str = "__Host-session";

    fn visitor(key: u8, cookies: &str) -> Visitor {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_str(cookies).expect("plain");
        headers.insert("cookie", line);
        Guard::new(&[key; 32], VISITOR, SESSION).visitor(&headers)
    }

    fn named(id: char, session: &str) -> String {
        let id = id.to_string().repeat(32);
        format!("{VISITOR}={id}; {SESSION}={session}")
    }

    /// MN-7.2: the token of one browser, session or server is nothing to another.
    #[test]
    fn a_token_belongs_to_one_visitor_in_one_session() {
        let token = visitor(1, &named('a', "s1")).token();
        assert!(visitor(1, &named('a', "s1")).proves(&token));
        assert!(!visitor(1, &named('b', "s1")).proves(&token), "other browser");
        assert!(!visitor(1, &named('a', "s2")).proves(&token), "other session");
        assert!(!visitor(2, &named('a', "s1")).proves(&token), "other key");
        for forged in ["", "00", &"0".repeat(64), &token[..62], &"zz".repeat(32)] {
            assert!(!visitor(1, &named('a', "s1")).proves(forged), "{forged:?}");
        }
    }

    #[test]
    fn two_tokens_of_one_page_look_different() {
        let visitor = visitor(1, &named('a', ""));
        assert_ne!(visitor.token(), visitor.token());
    }

    /// MN-7.2: a browser without the cookie proves nothing, whatever it sends.
    #[test]
    fn without_cookie_there_is_no_proof() {
        let stranger = visitor(1, "other=1");
        assert!(!stranger.proves(&stranger.token()));
    }

    #[test]
    fn the_cookie_is_set_only_when_a_form_needs_it() {
        let cookie = |visitor: &Visitor| {
            let mut answer = Response::new(axum::body::Body::empty());
            visitor.remember(&mut answer);
            answer.headers().contains_key("set-cookie")
        };
        let stranger = visitor(1, "other=1");
        assert!(!cookie(&stranger));
        let _ = stranger.token();
        assert!(cookie(&stranger));
        let known = visitor(1, &named('a', ""));
        let _ = known.token();
        assert!(!cookie(&known));
    }

    /// MN-7.2: a form on another site is refused by what the browser says.
    #[test]
    fn the_origin_must_be_ours_when_it_is_named() {
        let from = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            comes_from_here(&headers, &["https://shinsei.example".to_owned()])
        };
        let host = ("host", "localhost:8080");
        assert!(from(&[host]));
        assert!(from(&[host, ("origin", "http://localhost:8080")]));
        assert!(from(&[host, ("origin", "https://shinsei.example")]));
        assert!(from(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(!from(&[host, ("origin", "https://evil.example")]));
        assert!(!from(&[host, ("origin", "http://localhost:9090")]));
        assert!(!from(&[host, ("origin", "null")]));
        assert!(!from(&[("origin", "https://evil.example")]));
        assert!(!from(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!from(&[host, ("sec-fetch-site", "same-site")]));
    }
}
