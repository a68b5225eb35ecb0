//! A browser without script: keeps cookies, follows redirects, sends forms with
//! their hidden fields.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

/// A browser with the page it shows.
#[derive(Clone)]
pub(crate) struct Browser {
    addr: SocketAddr,
    from: Option<IpAddr>,
    cookies: BTreeMap<String, String>,
    pub(crate) path: String,
    /// What the last address pointed at within the page.
    pub(crate) fragment: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Browser {
    pub(crate) fn new(addr: SocketAddr) -> Self {
        Self {
            addr,
            from: None,
            cookies: BTreeMap::new(),
            path: String::new(),
            fragment: String::new(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            bytes: Bytes::new(),
        }
    }

    /// A browser in another network.
    pub(crate) fn from(addr: SocketAddr, network: [u8; 4]) -> Self {
        Self { from: Some(network.into()), ..Self::new(addr) }
    }

    /// The page as text, without what is there for scripts alone.
    pub(crate) fn html(&self) -> String {
        let page = String::from_utf8_lossy(&self.bytes);
        let mut pieces = page.split("<template");
        let mut html = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            html.push_str(piece.split_once("</template>").map_or("", |(_, after)| after));
        }
        html
    }

    /// What a person reads in main, without tags.
    pub(crate) fn text(&self) -> String {
        let html = self.html();
        let main = html.split_once("<main").map_or(html.as_str(), |(_, rest)| rest);
        let main = main.split_once("</main>").map_or(main, |(main, _)| main);
        let mut text = String::new();
        for piece in main.split('<').skip(1) {
            text.push_str(piece.split_once('>').map_or("", |(_, words)| words));
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        let text = self.text();
        assert!(text.contains(words), "{} {}: {words:?} is not in: {text}", self.status, self.path);
        self
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.path, self.text());
        self
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// All cookies as a request carries them.
    pub(crate) fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) async fn get(&mut self, path: &str) -> &mut Self {
        self.send(Method::GET, path, "", Bytes::new()).await;
        self
    }

    /// Sends the form of the page whose action ends with `action`.
    pub(crate) async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> &mut Self {
        let (target, hidden) = self.form(action);
        let all =
            hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain(fields.iter().copied());
        let body: Vec<String> = all.map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        let media = "application/x-www-form-urlencoded";
        self.send(Method::POST, &target, media, body.join("&").into()).await;
        self
    }

    /// The same as multipart, with files `(input, name, bytes)`.
    pub(crate) async fn upload(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> &mut Self {
        self.upload_then(action, fields, files, &[]).await
    }

    /// The same with further fields behind the files.
    pub(crate) async fn upload_then(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
        behind: &[(&str, &str)],
    ) -> &mut Self {
        let (target, hidden) = self.form(action);
        let all =
            hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain(fields.iter().copied());
        let text = |(name, value): (&str, &str)| {
            format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let mut body = all.map(text).collect::<Vec<_>>().concat().into_bytes();
        for (name, file, bytes) in files {
            body.extend_from_slice(format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n").as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        let behind: Vec<String> = behind.iter().copied().map(text).collect();
        body.extend_from_slice(behind.concat().as_bytes());
        body.extend_from_slice(b"--cut--\r\n");
        self.send(Method::POST, &target, "multipart/form-data; boundary=cut", body.into()).await;
        self
    }

    /// Target and hidden fields of a form.
    fn form(&self, action: &str) -> (String, Vec<(String, String)>) {
        let html = self.html();
        let forms =
            html.split("<form ").skip(1).map(|form| form.split("</form>").next().unwrap_or(""));
        let form = forms
            .filter(|form| form.contains("method=\"post\""))
            .find(|form| attribute(form, "action").is_some_and(|target| target.ends_with(action)))
            .unwrap_or_else(|| panic!("no form {action} at {}: {}", self.path, self.text()))
            .to_owned();
        let hidden = form
            .split("<input type=\"hidden\"")
            .skip(1)
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
        (attribute(&form, "action").expect("it was found"), hidden.collect())
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, media: &str, body: Bytes) {
        let mut next = (method, path.to_owned(), media.to_owned(), body);
        for _ in 0..10 {
            let (method, path, media, body) = next;
            self.once(method, &path, &media, body).await;
            if self.status != StatusCode::SEE_OTHER {
                return;
            }
            let target = self.headers[LOCATION].to_str().expect("ASCII").to_owned();
            next = (Method::GET, target, String::new(), Bytes::new());
        }
        panic!("too many redirects: {}", self.path);
    }

    async fn once(&mut self, method: Method, path: &str, media: &str, body: Bytes) {
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(from) = self.from {
            socket.bind(SocketAddr::new(from, 0)).expect("an address of this host");
        }
        let stream = socket.connect(self.addr).await.expect("the zone listens");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        let cookies = self.cookie_header();
        let mut request =
            Request::builder().method(method).uri(path).header(HOST, self.addr.to_string());
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if !media.is_empty() {
            request = request.header(CONTENT_TYPE, media);
        }
        let request = request.body(Full::new(body)).expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        self.status = answer.status();
        self.headers = answer.headers().clone();
        let (page, place) = path.split_once('#').unwrap_or((path, ""));
        (self.path, self.fragment) = (page.to_owned(), place.to_owned());
        for cookie in self.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().expect("ASCII").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        self.bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split_once('"')?.0;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&#39;", "'")
            .replace("&#38;", "&")
            .replace("&amp;", "&"),
    )
}

/// Percent-encodes everything but letters and digits.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
