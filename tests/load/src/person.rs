//! A person with cookies on one kept-alive connection: opens pages, sends their
//! forms, keeps what a browser would keep.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::{Answer, Connection};

/// Name and value of form fields, in order.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

/// A text file that somebody sends along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its name.
    pub name: String,
    /// Its words.
    pub says: String,
}

/// Between the parts of a form with files; in no text of ours.
const CUT: &str = "madoguchi-load-cut";

/// One person at one site.
#[derive(Debug)]
pub struct Person<'c> {
    site: SocketAddr,
    connection: &'c mut Connection,
    cookies: BTreeMap<String, String>,
    /// The page in front of them.
    pub page: String,
}

impl<'c> Person<'c> {
    /// Somebody who has not been here before, on a connection that others used.
    pub fn new(site: SocketAddr, connection: &'c mut Connection) -> Self {
        Self { site, connection, cookies: BTreeMap::new(), page: String::new() }
    }

    /// Opens a page, wherever the site leads.
    ///
    /// # Errors
    /// When the site does not answer with a page.
    pub async fn open(&mut self, path: &str) -> io::Result<()> {
        let mut path = path.to_owned();
        for _ in 0..5 {
            let request = self.get(&path);
            let answer = self.connection.ask(&request).await?;
            self.keep(&answer);
            match (answer.status, answer.header("location")) {
                (200, _) => {
                    self.page = String::from_utf8_lossy(&answer.body).into_owned();
                    return Ok(());
                }
                (303, Some(next)) => next.clone_into(&mut path),
                (status, _) => return Err(io::Error::other(format!("{path}: status {status}"))),
            }
        }
        Err(io::Error::other(format!("{path}: redirects without end")))
    }

    /// Sends the page's form with these fields beside its hidden ones; the page
    /// that follows, or the same one once more, is in front of them then.
    ///
    /// # Errors
    /// When the form was refused.
    pub async fn send(&mut self, to: &str, fields: Fields<'_>) -> io::Result<()> {
        let request = self.post(to, fields);
        self.follow(to, &request).await
    }

    /// Sends a prepared request, and says how long the answer took.
    ///
    /// # Errors
    /// When the site does not answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<(Answer, Duration)> {
        let sent = Instant::now();
        let answer = self.connection.ask(request).await?;
        let time = sent.elapsed();
        self.keep(&answer);
        Ok((answer, time))
    }

    /// The request that opens a page.
    #[must_use]
    pub fn get(&self, path: &str) -> Arc<[u8]> {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{}\r\n", self.host(), self.cookie_line())
            .into_bytes()
            .into()
    }

    /// The request that sends the page's form.
    #[must_use]
    pub fn post(&self, to: &str, fields: Fields<'_>) -> Arc<[u8]> {
        let mut body = String::new();
        let hidden = hidden(&self.page);
        let own = fields.iter().map(|(name, value)| (*name, *value));
        for (name, value) in hidden.into_iter().chain(own) {
            if !body.is_empty() {
                body.push('&');
            }
            percent(&mut body, name);
            body.push('=');
            percent(&mut body, value);
        }
        let host = self.host();
        format!(
            "POST {to} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.cookie_line(),
            body.len(),
        )
        .into_bytes()
        .into()
    }

    /// Sends the page's form as multipart, with one file for an input beside its fields.
    ///
    /// # Errors
    /// When the form was refused.
    pub async fn enclose(
        &mut self,
        to: &str,
        fields: Fields<'_>,
        (input, paper): (&str, &Paper),
    ) -> io::Result<()> {
        let mut body = Vec::new();
        let own = fields.iter().map(|(name, value)| (*name, *value));
        for (name, value) in hidden(&self.page).into_iter().chain(own) {
            let part = format!(
                "--{CUT}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{CUT}\r\nContent-Disposition: form-data; name=\"{input}\"; filename=\"{}\"\r\n\
             Content-Type: text/plain\r\n\r\n",
            paper.name
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(paper.says.as_bytes());
        body.extend_from_slice(format!("\r\n--{CUT}--\r\n").as_bytes());
        let host = self.host();
        let head = format!(
            "POST {to} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{}\
             Content-Type: multipart/form-data; boundary={CUT}\r\nContent-Length: {}\r\n\r\n",
            self.cookie_line(),
            body.len(),
        );
        self.follow(to, &[head.as_bytes(), &body].concat()).await
    }

    async fn follow(&mut self, to: &str, request: &[u8]) -> io::Result<()> {
        let answer = self.connection.ask(request).await?;
        self.keep(&answer);
        match (answer.status, answer.header("location")) {
            (303, Some(next)) => {
                let next = next.to_owned();
                self.open(&next).await
            }
            (200, _) => {
                self.page = String::from_utf8_lossy(&answer.body).into_owned();
                Ok(())
            }
            (status, _) => Err(io::Error::other(format!("{to}: status {status}"))),
        }
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.site.port())
    }

    fn cookie_line(&self) -> String {
        if self.cookies.is_empty() {
            return String::new();
        }
        let pairs: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("Cookie: {}\r\n", pairs.join("; "))
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// Name and value of the page's hidden inputs. Our own pages write the
/// attributes in this order and no value needs unescaping.
fn hidden(page: &str) -> Vec<(&str, &str)> {
    let after = |text, from: &str| text_between(text, from, "\"");
    page.split("<input type=\"hidden\"")
        .skip(1)
        .filter_map(|input| {
            let input = input.split('>').next()?;
            Some((after(input, "name=\"")?, after(input, "value=\"")?))
        })
        .collect()
}

/// The first text between two marks.
#[must_use]
pub fn text_between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(found, _)| found)
}

fn percent(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(byte as char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_inputs_go_back_with_the_form() {
        let page = "<form><input type=\"hidden\" name=\"_csrf\" value=\"ab\">\
                    <input type=\"text\" name=\"q\" value=\"no\">\
                    <input type=\"hidden\" name=\"version\" value=\"3\"></form>";
        assert_eq!(hidden(page), [("_csrf", "ab"), ("version", "3")]);
    }
}
