//! A person with a browser that runs no script: opens pages, follows links,
//! fills forms by their labels and presses buttons by their words.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use scraper::{ElementRef, Html, Selector};
use tokio::net::TcpStream;

/// What came back last.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path and query it came from, after redirects.
    pub path: String,
    /// HTTP status.
    pub status: StatusCode,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Page {
    /// The body as text, without what is there for scripts alone.
    #[must_use]
    pub fn html(&self) -> String {
        let page = String::from_utf8_lossy(&self.body);
        let mut pieces = page.split("<template");
        let mut html = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            html.push_str(piece.split_once("</template>").map_or("", |(_, after)| after));
        }
        html
    }

    /// What a person reads: the text of the page, white space folded.
    #[must_use]
    pub fn text(&self) -> String {
        let page = Html::parse_document(&self.html());
        let main = page.select(&css("main")).next();
        let words = main.map_or_else(|| page.root_element().text().collect(), element_text);
        folded(&words)
    }

    /// Checks that the page says this.
    ///
    /// # Panics
    /// With the whole text when it does not.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        let text = self.text();
        assert!(text.contains(words), "{}: {words:?} is not in: {text}", self.path);
        self
    }

    /// Checks that the page does not say this.
    ///
    /// # Panics
    /// When it does.
    #[track_caller]
    pub fn is_silent_on(&self, words: &str) -> &Self {
        let text = self.text();
        assert!(!text.contains(words), "{}: {words:?} is in: {text}", self.path);
        self
    }

    /// The first text that follows `label` in a definition list.
    ///
    /// # Panics
    /// When the page has no such label.
    #[must_use]
    #[track_caller]
    pub fn value_of(&self, label: &str) -> String {
        let page = Html::parse_document(&self.html());
        let term = page
            .select(&css("dt, th"))
            .find(|term| folded(&element_text(*term)) == label)
            .unwrap_or_else(|| panic!("{}: no {label:?} in: {}", self.path, self.text()));
        let value = term.next_siblings().find_map(ElementRef::wrap);
        folded(&value.map(element_text).unwrap_or_default())
    }

    /// The address behind the first link or file whose words contain `words`.
    #[must_use]
    pub fn link(&self, words: &str) -> Option<String> {
        let page = Html::parse_document(&self.html());
        page.select(&css("a[href]"))
            .find(|link| folded(&element_text(*link)).contains(words))
            .and_then(|link| link.value().attr("href").map(str::to_owned))
    }
}

/// A file that a visitor attaches.
#[derive(Clone, Debug)]
pub struct Attach<'a> {
    /// Input's label or name.
    pub input: &'a str,
    /// File name.
    pub name: &'a str,
    /// Media type the browser would declare.
    pub media: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// A person at one site, with a cookie jar.
#[derive(Clone, Debug)]
pub struct Visitor {
    site: SocketAddr,
    cookies: BTreeMap<String, String>,
    /// The page in front of them.
    pub page: Page,
}

impl Visitor {
    /// A person who has not been here before.
    #[must_use]
    pub fn new(site: SocketAddr) -> Self {
        let page = Page {
            path: "/".to_owned(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        Self { site, cookies: BTreeMap::new(), page }
    }

    /// Opens a path (or a whole address of this site) and follows redirects.
    pub async fn open(&mut self, path: &str) -> &Page {
        let path = self.local(path);
        self.go(Method::GET, path, None, Bytes::new()).await;
        &self.page
    }

    /// Follows the first link whose words contain `words`.
    ///
    /// # Panics
    /// When there is none.
    pub async fn follow(&mut self, words: &str) -> &Page {
        let Some(link) = self.page.link(words) else {
            panic!("{}: no link {words:?} in: {}", self.page.path, self.page.text())
        };
        self.open(&link).await
    }

    /// Fills fields (by label or input name) and presses a button.
    ///
    /// # Panics
    /// When the page has no such button or field.
    pub async fn press(&mut self, button: &str, fields: &[(&str, &str)]) -> &Page {
        self.press_with(button, fields, &[]).await
    }

    /// The same, with files.
    ///
    /// # Panics
    /// When the page has no such button or field.
    pub async fn press_with(
        &mut self,
        button: &str,
        fields: &[(&str, &str)],
        files: &[Attach<'_>],
    ) -> &Page {
        let post = self.filled(button, fields, files);
        self.send(post).await
    }

    /// What pressing a button would send, for tests that send it twice.
    ///
    /// # Panics
    /// When the page has no such button or field.
    #[must_use]
    pub fn filled(&self, button: &str, fields: &[(&str, &str)], files: &[Attach<'_>]) -> Post {
        let page = Html::parse_document(&self.page.html());
        let buttons = css("button, input[type=submit]");
        let named = |one: &ElementRef<'_>| {
            let words = one.value().attr("value").filter(|_| one.value().name() == "input");
            folded(&words.map_or_else(|| element_text(*one), str::to_owned)) == button
        };
        let Some(pressed) = page.select(&buttons).find(named) else {
            panic!("{}: no button {button:?} in: {}", self.page.path, self.page.html())
        };
        let form = match pressed.value().attr("form") {
            Some(id) => page.select(&css(&format!("form#{id}"))).next(),
            None => pressed
                .ancestors()
                .filter_map(ElementRef::wrap)
                .find(|parent| parent.value().name() == "form"),
        };
        let form = form.unwrap_or_else(|| panic!("button {button:?} is in no form"));
        let mut values = standing(form);
        for (field, value) in fields {
            fill(form, &mut values, field, value);
        }
        let attribute = |name| pressed.value().attr(name);
        if let Some(name) = attribute("name") {
            values.push((name.to_owned(), attribute("value").unwrap_or_default().to_owned()));
        }
        let action = attribute("formaction").or(form.value().attr("action")).unwrap_or_default();
        let path = if action.is_empty() { self.page.path.clone() } else { self.local(action) };
        let get = form.value().attr("method").is_none_or(|it| it.eq_ignore_ascii_case("get"));
        let multipart = form.value().attr("enctype") == Some("multipart/form-data");
        if get {
            let bare = path.split('?').next().unwrap_or_default().to_owned();
            return Post { path: format!("{bare}?{}", encode(&values)), content: None };
        }
        let content = if multipart {
            let files: Vec<(String, &Attach<'_>)> =
                files.iter().map(|file| (input_name(form, file.input), file)).collect();
            parts(&values, &files)
        } else {
            assert!(files.is_empty(), "{}: the form takes no files", self.page.path);
            ("application/x-www-form-urlencoded".to_owned(), Bytes::from(encode(&values)))
        };
        Post { path, content: Some(content) }
    }

    /// Sends what [`Visitor::filled`] made.
    pub async fn send(&mut self, post: Post) -> &Page {
        match post.content {
            None => self.go(Method::GET, post.path, None, Bytes::new()).await,
            Some((media, body)) => self.go(Method::POST, post.path, Some(media), body).await,
        }
        &self.page
    }

    async fn go(&mut self, method: Method, path: String, media: Option<String>, body: Bytes) {
        let mut page = self.ask(method, path, media, body).await;
        let mut hops = 0;
        while page.status.is_redirection() {
            hops += 1;
            assert!(hops < 10, "redirects without end at {}", page.path);
            let to = page.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("/");
            let to = self.local(to);
            page = self.ask(Method::GET, to, None, Bytes::new()).await;
        }
        self.page = page;
    }

    async fn ask(
        &mut self,
        method: Method,
        path: String,
        media: Option<String>,
        body: Bytes,
    ) -> Page {
        let stream = TcpStream::connect(self.site).await.expect("the site listens");
        let (mut sender, talk) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .expect("the site speaks HTTP");
        tokio::spawn(talk);
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            Request::builder().method(method).uri(&path).header("host", self.site.to_string());
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some(media) = media {
            request = request.header(CONTENT_TYPE, media);
            request = request.header(ORIGIN, format!("http://{}", self.site));
        }
        let request = request.body(Full::new(body)).expect("a good request");
        let answer = sender.send_request(request).await.expect("the site answers");
        let (head, body) = answer.into_parts();
        for cookie in head.headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().expect("a plain cookie"));
        }
        let body = body.collect().await.expect("a whole answer").to_bytes();
        Page { path, status: head.status, headers: head.headers, body }
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        let gone = cookie.to_ascii_lowercase().contains("max-age=0");
        if let Some((name, value)) = pair.split_once('=') {
            if gone || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The cookies, for a browser that takes over.
    #[must_use]
    pub const fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Forgets the cookies, as a browser that was closed.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    fn local(&self, address: &str) -> String {
        let path = match address.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => address,
        };
        let path = path.split('#').next().unwrap_or_default();
        if path.starts_with('/') {
            return path.to_owned();
        }
        if path.starts_with('?') {
            return self.page.path.split('?').next().unwrap_or_default().to_owned() + path;
        }
        let folder = self.page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{path}")
    }
}

/// A filled form.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where it goes.
    pub path: String,
    content: Option<(String, Bytes)>,
}

/// What a form holds before anybody types.
fn standing(form: ElementRef<'_>) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for input in form.select(&css("input[name], textarea[name], select[name]")) {
        let element = input.value();
        let name = element.attr("name").unwrap_or_default().to_owned();
        if element.attr("disabled").is_some() {
            continue;
        }
        match (element.name(), element.attr("type").unwrap_or("text")) {
            ("textarea", _) => {
                let words: String = input.text().collect();
                values.push((name, words.strip_prefix('\n').unwrap_or(&words).to_owned()));
            }
            ("select", _) => {
                let options: Vec<_> = input.select(&css("option")).collect();
                let chosen = options.iter().find(|one| one.value().attr("selected").is_some());
                if let Some(option) = chosen.or(options.first()) {
                    values.push((name, option_value(*option)));
                }
            }
            (_, "checkbox" | "radio") if element.attr("checked").is_none() => {}
            (_, "submit" | "button" | "file" | "image") => {}
            (_, kind) => {
                let unset = if matches!(kind, "checkbox" | "radio") { "on" } else { "" };
                values.push((name, element.attr("value").unwrap_or(unset).to_owned()));
            }
        }
    }
    values
}

/// Types into a field, chooses an option (by its words or value), ticks a box.
fn fill(form: ElementRef<'_>, values: &mut Vec<(String, String)>, field: &str, value: &str) {
    let name = input_name(form, field);
    let inputs: Vec<_> = form
        .select(&css("input[name], textarea[name], select[name]"))
        .filter(|input| input.value().attr("name") == Some(&name))
        .collect();
    let first = inputs.first().unwrap_or_else(|| panic!("no field {field:?}"));
    let kind = first.value().attr("type").unwrap_or("text");
    let value = match (first.value().name(), kind) {
        ("select", _) => first
            .select(&css("option"))
            .find(|option| {
                option_value(*option) == value || folded(&element_text(*option)) == value
            })
            .map(option_value)
            .unwrap_or_else(|| panic!("{field:?} has no option {value:?}")),
        (_, "radio" | "checkbox") => {
            let ticked = inputs.iter().find(|input| {
                let own = input.value().attr("value").unwrap_or("on");
                own == value || label_of(form, **input).is_some_and(|label| label == value)
            });
            let ticked = ticked
                .unwrap_or_else(|| panic!("{field:?} has no choice {value:?}: {}", form.html()));
            let own = ticked.value().attr("value").unwrap_or("on").to_owned();
            if kind == "checkbox" {
                if !values.iter().any(|(held, what)| *held == name && *what == own) {
                    values.push((name, own));
                }
                return;
            }
            own
        }
        _ => value.to_owned(),
    };
    values.retain(|(held, _)| *held != name);
    values.push((name, value));
}

/// The input name behind a label, a legend, or the name itself.
fn input_name(form: ElementRef<'_>, field: &str) -> String {
    let inputs = css("input[name], textarea[name], select[name]");
    let named = form.select(&inputs).find(|input| input.value().attr("name") == Some(field));
    let by_label = || {
        form.select(&inputs).find(|input| {
            label_of(form, *input).is_some_and(|label| label == field || label.starts_with(field))
        })
    };
    let by_legend = || {
        let legend = form
            .select(&css("legend"))
            .find(|legend| folded(&element_text(*legend)).starts_with(field))?;
        let group = legend.parent().and_then(ElementRef::wrap)?;
        group.select(&inputs).next()
    };
    let found = named.or_else(by_label).or_else(by_legend);
    let found = found.unwrap_or_else(|| panic!("no field {field:?} in: {}", form.html()));
    found.value().attr("name").unwrap_or_default().to_owned()
}

fn label_of(form: ElementRef<'_>, input: ElementRef<'_>) -> Option<String> {
    let by_id = input.value().attr("id").and_then(|id| {
        form.select(&css("label[for]")).find(|label| label.value().attr("for") == Some(id))
    });
    let around =
        || input.ancestors().filter_map(ElementRef::wrap).find(|one| one.value().name() == "label");
    by_id.or_else(around).map(|label| folded(&element_text(label)))
}

fn option_value(option: ElementRef<'_>) -> String {
    let value = option.value().attr("value").map(str::to_owned);
    value.unwrap_or_else(|| folded(&element_text(option)))
}

fn css(selector: &str) -> Selector {
    Selector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error}"))
}

fn element_text(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ")
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The form encoding of name and value pairs.
#[must_use]
pub fn encode(values: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in values {
        if !text.is_empty() {
            text.push('&');
        }
        percent(&mut text, name);
        text.push('=');
        percent(&mut text, value);
    }
    text
}

fn percent(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(byte as char),
            b' ' => out.push('+'),
            // Writing to a String cannot fail.
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
}

fn parts(values: &[(String, String)], files: &[(String, &Attach<'_>)]) -> (String, Bytes) {
    const BOUNDARY: &str = "----visitor-7d1f0a52c3";
    let mut body = Vec::new();
    let mut part = |head: String, bytes: &[u8]| {
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; ").as_bytes(),
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in values {
        part(format!("name=\"{name}\""), value.as_bytes());
    }
    for (input, Attach { name, media, bytes, .. }) in files {
        part(format!("name=\"{input}\"; filename=\"{name}\"\r\nContent-Type: {media}"), bytes);
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), Bytes::from(body))
}
