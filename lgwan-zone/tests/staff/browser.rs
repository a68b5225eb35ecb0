//! A browser without script: keeps cookies, sends forms as the page draws them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const MULTIPART: &str = "multipart/form-data; boundary=b0undary";

/// One browser.
#[derive(Clone)]
pub(crate) struct Browser {
    addr: SocketAddr,
    from: IpAddr,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn location(&self) -> String {
        let value = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }
}

impl Browser {
    pub(crate) fn new(addr: SocketAddr) -> Self {
        Self { addr, from: addr.ip(), cookies: Arc::default() }
    }

    /// The same at another desk: an address of this machine's loopback network.
    pub(crate) fn from(self, address: &str) -> Self {
        Self { from: address.parse().expect("an address"), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "", Bytes::new()).await
    }

    /// Asks for a route, with an empty form where it takes one.
    pub(crate) async fn asks(&self, method: &str, path: &str) -> Answer {
        match method {
            "GET" => self.get(path).await,
            _ => self.post_with("", path, &[]).await,
        }
    }

    /// Sends a form with the token of `page`.
    pub(crate) async fn post(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token(page).await;
        self.post_with(&token, path, fields).await
    }

    pub(crate) async fn post_with(
        &self,
        token: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut body = format!("_csrf={token}");
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", lgwan_zone_web::words::in_query(value)));
        }
        self.send(Method::POST, path, "application/x-www-form-urlencoded", body.into()).await
    }

    /// Sends a form with files: `(name, file name, content)`.
    pub(crate) async fn upload(
        &self,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &str, &[u8])>,
    ) -> Answer {
        self.upload_all(page, path, fields, file.as_slice()).await
    }

    /// Sends a form that may have files, without any, with this token.
    pub(crate) async fn upload_with(
        &self,
        token: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        self.send(Method::POST, path, MULTIPART, multipart(token, fields, &[]).into()).await
    }

    /// The same with several files.
    pub(crate) async fn upload_all(
        &self,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let token = self.token(page).await;
        self.send(Method::POST, path, MULTIPART, multipart(&token, fields, files).into()).await
    }

    /// Sends a form with a file as far as the middle and hangs up; comes back when the service let go
    /// of it.
    pub(crate) async fn upload_cut(&self, page: &str, path: &str, file: (&str, &str, &[u8])) {
        let body = multipart(&self.token(page).await, &[], &[file]);
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: {MULTIPART}\r\n\
             Content-Length: {}\r\n\r\n",
            self.addr,
            self.cookies(),
            body.len()
        );
        let mut stream = tokio::net::TcpStream::connect(self.addr).await.expect("it listens");
        stream.write_all(head.as_bytes()).await.expect("it reads");
        stream.write_all(&body[..body.len() / 2]).await.expect("it reads");
        stream.shutdown().await.expect("hung up");
        // An answer nobody waits for, or none.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }

    /// The token in the first form of a page.
    pub(crate) async fn token(&self, page: &str) -> String {
        let text = self.get(page).await.text();
        let start = text.find("name=\"_csrf\" value=\"").map(|at| at + 20);
        start.and_then(|at| text[at..].split('"').next()).unwrap_or_default().to_owned()
    }

    async fn send(&self, method: Method, path: &str, media: &str, body: Bytes) -> Answer {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind((self.from, 0).into()).expect("an address of this machine");
        let stream = socket.connect(self.addr).await.expect("it listens");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("http");
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.addr.to_string())
            .header(COOKIE, self.cookies());
        if !media.is_empty() {
            request = request.header(CONTENT_TYPE, media);
        }
        let request = request.body(Full::new(body)).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        self.keep(&parts.headers);
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes);
        Answer { status: parts.status, headers: parts.headers, bytes: bytes.unwrap_or_default() }
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().expect("not poisoned");
        let pairs: Vec<String> =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().expect("not poisoned");
        for line in headers.get_all(SET_COOKIE) {
            let pair = line.to_str().ok().and_then(|line| line.split(';').next());
            if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                if value.is_empty() {
                    cookies.remove(name);
                } else {
                    cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
    }
}

/// The body of a form with files.
fn multipart(token: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in [("_csrf", token)].iter().chain(fields) {
        let part = format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    for (name, file_name, content) in files {
        let head = format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"; \
             filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b0undary--\r\n");
    body
}
