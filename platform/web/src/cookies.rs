//! Cookies: always `__Host-`, Secure, HttpOnly, for this host only.

use axum::response::Response;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// A cookie to set. It lives until the browser closes unless told otherwise.
#[derive(Clone, Debug)]
pub struct Cookie {
    name: &'static str,
    value: String,
    strict: bool,
    seconds: Option<u32>,
}

impl Cookie {
    /// A cookie sent back on this site and on links that lead here.
    ///
    /// # Panics
    /// When the name does not start with `__Host-`, or the value holds anything
    /// but letters, digits, `-`, `_`, `.`: both come from our code, not from outside.
    #[must_use]
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        assert!(name.starts_with("__Host-"), "cookie names start with __Host-");
        assert!(value.bytes().all(plain), "cookie values are plain");
        Self { name, value, strict: false, seconds: None }
    }

    /// Sent back on this site only, not on links that lead here (staff).
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Kept by the browser for so many seconds, also when it closes.
    #[must_use]
    pub const fn for_seconds(mut self, seconds: u32) -> Self {
        self.seconds = Some(seconds);
        self
    }

    /// Takes the cookie away.
    #[must_use]
    pub fn expired(name: &'static str) -> Self {
        Self::new(name, "").for_seconds(0)
    }

    /// Adds the cookie to an answer.
    pub fn set_on(&self, answer: &mut Response) {
        answer.headers_mut().append(SET_COOKIE, self.header());
    }

    /// The value of a `Set-Cookie` header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        let site = if self.strict { "Strict" } else { "Lax" };
        let age = self.seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let text =
            format!("{}={}; Path=/; Secure; HttpOnly; SameSite={site}{age}", self.name, self.value);
        HeaderValue::from_str(&text).expect("names and values are plain")
    }
}

/// The value the browser sent for `name`; the first one when there are more.
#[must_use]
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.2b: a session cookie is for this host and not for scripts.
    #[test]
    fn a_cookie_is_secure_by_construction() {
        let cookie = Cookie::new("__Host-s", "abc").strict().for_seconds(60);
        assert_eq!(
            cookie.header(),
            "__Host-s=abc; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_static("x__Host-s=no; __Host-s=yes; __Host-s=late");
        headers.insert(COOKIE, line);
        assert_eq!(read(&headers, "__Host-s"), Some("yes"));
        assert_eq!(read(&headers, "Host-s"), None);
    }
}
