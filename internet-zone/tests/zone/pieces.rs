//! A file that comes in pieces: what a script of the page sends, without the script.

use http::Method;

use crate::applying::clock;
use crate::browser::{Browser, encode};
use crate::support::{Zone, link};

const PIECE: usize = 1024 * 1024;
/// Files the form takes of a proof of who somebody is.
const MOST_FILES: usize = 4;

/// A picture of more than two pieces, as far as a first look can tell.
fn picture() -> Vec<u8> {
    let mut bytes = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    bytes.extend((0..2 * PIECE as u32 + 4_321).map(|n| (n * 31 % 251) as u8));
    bytes
}

/// A guest at the page on which a licence is attached; gives the draft.
async fn at_the_photo(zone: &Zone, email: &str) -> (Browser, String) {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/juminhyo/start").await;
    browser.submit("/start", &[("email", email), ("agree", "yes")]).await;
    let path = link(zone, email, 1);
    browser.get(&path).await;
    browser.submit(&path, &[]).await.is(200);
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    (browser, draft)
}

fn token(browser: &Browser) -> String {
    let html = browser.html();
    let (_, rest) = html.split_once("name=\"_csrf\" value=\"").expect("a token");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// One upload as the script does it.
struct Sending {
    browser: Browser,
    token: String,
    base: String,
    id: String,
}

impl Sending {
    async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let mut body = format!("_csrf={}", encode(&self.token));
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", encode(value)));
        }
        let media = "application/x-www-form-urlencoded";
        self.browser.send(Method::POST, path, media, body.into()).await;
        (self.browser.status.as_u16(), self.browser.html())
    }

    async fn begin(mut browser: Browser, draft: &str, size: usize) -> (Self, u16, i64) {
        if !browser.html().contains("_csrf") {
            browser.get(draft).await;
        }
        let base = format!("{draft}/uploads");
        let token = token(&browser);
        let mut this = Self { browser, token, base: base.clone(), id: String::new() };
        let size = size.to_string();
        let fields =
            [("input", "identity"), ("name", "免許証.png"), ("size", &size), ("mark", "1")];
        let (status, answer) = this.form(&base, &fields).await;
        this.id = value(&answer, "\"id\":\"").trim_matches('"').to_owned();
        let at = value(&answer, "\"at\":").parse().unwrap_or(-1);
        (this, status, at)
    }

    async fn piece(&mut self, at: usize, bytes: &[u8]) -> (u16, i64) {
        let mut body = Vec::new();
        for (name, value) in [("_csrf", self.token.clone()), ("at", at.to_string())] {
            let head = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--cut\r\nContent-Disposition: form-data; name=\"piece\"; filename=\"piece\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--cut--\r\n");
        let path = format!("{}/{}", self.base, self.id);
        let media = "multipart/form-data; boundary=cut";
        self.browser.send(Method::POST, &path, media, body.into()).await;
        let at = value(&self.browser.html(), "\"at\":").parse().unwrap_or(-1);
        (self.browser.status.as_u16(), at)
    }

    async fn finish(&mut self, sum: &str) -> (u16, String) {
        let path = format!("{}/{}/finish", self.base, self.id);
        self.form(&path, &[("input", "identity"), ("sha256", sum)]).await
    }
}

fn value(json: &str, key: &str) -> String {
    let (_, rest) = json.split_once(key).unwrap_or(("", ""));
    rest.split([',', '}']).next().unwrap_or_default().to_owned()
}

/// The same hash that the browser makes.
fn sum(bytes: &[u8]) -> String {
    bridge_contract::digest::Digest::of(bytes).hex()
}

/// NF-56: pieces in order make the file; a double piece changes nothing, a wrong offset is told
/// the right one, a page opened anew goes on, and finishing twice makes one file.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_pieces_and_goes_on_after_a_cut() {
    let zone = Zone::open(clock()).await;
    let (browser, draft) = at_the_photo(&zone, "taro@example.jp").await;
    let bytes = picture();
    let (mut first, status, at) = Sending::begin(browser.clone(), &draft, bytes.len()).await;
    assert_eq!((status, at), (201, 0));
    let end = PIECE as i64;
    assert_eq!(first.piece(0, &bytes[..PIECE]).await, (200, end));
    assert_eq!(first.piece(0, &bytes[..PIECE]).await, (200, end), "the answer was lost");
    assert_eq!(first.piece(5, &bytes[5..PIECE + 5]).await, (409, end), "a wrong offset");
    assert_eq!(first.piece(2 * PIECE, &bytes[2 * PIECE..]).await, (409, end), "a gap");
    assert_eq!(first.finish(&sum(&bytes)).await.0, 409, "not whole yet");

    // The page was opened anew and the same file chosen again.
    let (mut again, status, at) = Sending::begin(browser.clone(), &draft, bytes.len()).await;
    assert_eq!((status, at), (200, end));
    assert_eq!(again.id, first.id);
    assert_eq!(again.piece(PIECE, &bytes[PIECE..2 * PIECE]).await, (200, 2 * end));
    assert_eq!(again.piece(2 * PIECE, &bytes[2 * PIECE..]).await, (200, bytes.len() as i64));
    assert_eq!(again.finish(&sum(&bytes)).await.0, 200);
    assert_eq!(again.finish(&sum(&bytes)).await.0, 200, "the answer was lost");
    assert_eq!(again.finish(&sum(b"another file")).await.0, 404, "nothing like it is there");
    let mut browser = browser;
    browser.get(&format!("{draft}/pages/identity")).await.is(200);
    let page = browser.html();
    assert_eq!(page.matches("免許証.png（").count(), 1, "{page}");
    zone.close().await;
}

/// NF-56: what breaks off within a piece leaves nothing of it; what differs from what the
/// browser has is not taken; a file too large or of no bytes is refused before it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_or_differs_is_not_taken() {
    use tokio::io::AsyncWriteExt as _;
    let zone = Zone::open(clock()).await;
    let (browser, draft) = at_the_photo(&zone, "taro@example.jp").await;
    let bytes = picture();
    for size in [0, 10_000_000_000] {
        let (_, status, _) = Sending::begin(browser.clone(), &draft, size).await;
        assert_eq!(status, 422, "{size}");
    }
    // A file that would be one too many is refused before a byte of it is sent.
    let (full, full_draft) = at_the_photo(&zone, "hanako@example.jp").await;
    let mut one = full.clone();
    one.get(&format!("{full_draft}/pages/identity")).await;
    for number in 1..=MOST_FILES {
        let name = format!("{number}.png");
        let files = [("identity", name.as_str(), &bytes[..100])];
        one.upload("/pages/identity", &[("_do", "upload")], &files).await.is(200);
    }
    let (_, status, _) = Sending::begin(full, &full_draft, bytes.len()).await;
    assert_eq!(status, 422, "one too many");
    let (mut sending, _, _) = Sending::begin(browser.clone(), &draft, bytes.len()).await;
    let mut cut =
        tokio::net::TcpStream::connect(zone.running.public_addr).await.expect("it listens");
    let cookies = sending.browser.cookie_header();
    let head = format!(
        "POST {}/{} HTTP/1.1\r\nHost: {}\r\nCookie: {cookies}\r\nContent-Type: multipart/form-data; boundary=cut\r\nContent-Length: 1000000\r\n\r\n--cut\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{}\r\n--cut\r\nContent-Disposition: form-data; name=\"at\"\r\n\r\n0\r\n--cut\r\nContent-Disposition: form-data; name=\"piece\"; filename=\"piece\"\r\n\r\n",
        sending.base, sending.id, zone.running.public_addr, sending.token
    );
    cut.write_all(head.as_bytes()).await.expect("it reads");
    cut.write_all(&bytes[..500_000]).await.expect("it reads");
    drop(cut);
    assert_eq!(sending.piece(5, &bytes[5..9]).await, (409, 0), "nothing of it is here");
    let too_much = vec![0; PIECE + 1];
    assert_eq!(sending.piece(0, &too_much).await.0, 409);
    for at in (0..bytes.len()).step_by(PIECE) {
        let end = bytes.len().min(at + PIECE);
        assert_eq!(sending.piece(at, &bytes[at..end]).await, (200, end as i64));
    }
    let (status, answer) = sending.finish(&sum(b"another file")).await;
    assert_eq!(status, 422);
    assert!(answer.contains("ファイルの内容が変わりました"), "{answer}");
    assert_eq!(sending.finish(&sum(&bytes)).await.0, 404, "begun anew");
    zone.close().await;
}

/// NF-56, W1: nobody learns of another person's unfinished file or adds to it; what lies in the
/// folder is sealed.
#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_file_belongs_to_who_began_it() {
    let zone = Zone::open(clock()).await;
    let (browser, draft) = at_the_photo(&zone, "taro@example.jp").await;
    let (other, own_draft) = at_the_photo(&zone, "jiro@example.jp").await;
    let bytes = picture();
    let (mut mine, _, _) = Sending::begin(browser, &draft, bytes.len()).await;
    assert_eq!(mine.piece(0, &bytes[..PIECE]).await.0, 200);
    let token = token(&other);
    for base in [draft.clone(), own_draft] {
        let mut theirs = Sending {
            browser: other.clone(),
            token: token.clone(),
            base: format!("{base}/uploads"),
            id: mine.id.clone(),
        };
        assert_eq!(theirs.piece(PIECE, &bytes[PIECE..2 * PIECE]).await.0, 404, "{base}");
        assert_eq!(theirs.finish(&sum(&bytes)).await.0, 404, "{base}");
        let path = format!("{}/{}", theirs.base, theirs.id);
        theirs.browser.get(&path).await.is(404);
    }
    let forged = Sending { token: "0".repeat(64), ..mine };
    let mut forged = forged;
    assert_eq!(forged.piece(PIECE, &bytes[PIECE..2 * PIECE]).await.0, 403);
    let needle = &bytes[1_000..1_064];
    let mut folders = vec![zone.root.join("files")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let stored = std::fs::read(&path).expect("a file");
                assert!(!stored.windows(needle.len()).any(|window| window == needle));
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 1, "one sealed piece");
    zone.close().await;
}
