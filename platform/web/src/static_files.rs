//! Style sheets, scripts and pictures that are part of the binary.
//!
//! Their address holds a hash of the content, so a browser may keep them for a
//! year and still sees every change. Text is compressed once, at the start.
//!
//! ```text
//! static FILES: LazyLock<StaticFiles> = LazyLock::new(|| StaticFiles::new(&[
//!     ("zone.css", include_bytes!("../static/zone.css")),
//! ]));
//! <link rel="stylesheet" href="{{ files.url("base.css") }}">
//! ```

use std::collections::HashMap;
use std::io::Write as _;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, VARY,
};
use http::{HeaderValue, StatusCode};
use ring::digest;

/// Files every zone has.
const OWN: [(&str, &[u8]); 3] = [
    ("base.css", include_bytes!("../static/base.css")),
    ("base.js", include_bytes!("../static/base.js")),
    ("icon.svg", include_bytes!("../static/icon.svg")),
];

/// The files of one zone, with ours.
#[derive(Debug)]
pub struct StaticFiles {
    /// By the name in the address: `base.1a2b3c4d.css`.
    by_address: HashMap<String, File>,
    /// From the plain name to the whole address.
    addresses: HashMap<String, String>,
}

#[derive(Debug)]
struct File {
    media: HeaderValue,
    plain: Bytes,
    gzip: Option<Bytes>,
}

impl StaticFiles {
    /// Takes the files as `(name, content)`. A style sheet may name files listed
    /// before it as `url("name")`.
    #[must_use]
    pub fn new(files: &[(&str, &'static [u8])]) -> Self {
        let mut all = Self { by_address: HashMap::new(), addresses: HashMap::new() };
        for (name, content) in files.iter().chain(&OWN) {
            all.add(name, content);
        }
        all
    }

    /// The address of a file. A name that was not listed is a mistake of ours:
    /// it stops a debug build, and gives an address without file in a release.
    #[must_use]
    pub fn url(&self, name: &str) -> &str {
        self.addresses.get(name).map_or_else(
            || {
                debug_assert!(false, "no static file {name}");
                tracing::error!(name, "no such static file");
                "/static/missing"
            },
            String::as_str,
        )
    }

    /// The route that serves them: `/static/{name}`.
    pub fn router(&'static self) -> Router {
        let serve = move |Path(name): Path<String>, headers: HeaderMap| async move {
            self.answer(&name, &headers)
        };
        Router::new().route("/static/{name}", get(serve))
    }

    fn add(&mut self, name: &str, content: &'static [u8]) {
        let content = self.with_addresses(name, content);
        let hash = digest::digest(&digest::SHA256, &content);
        let short = hash.as_ref()[..4].iter().map(|byte| format!("{byte:02x}"));
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let address = format!("{stem}.{}.{ending}", short.collect::<String>());
        let (media, is_text) = kind(ending);
        let file = File {
            media: HeaderValue::from_static(media),
            gzip: is_text.then(|| gzip(&content)),
            plain: content,
        };
        self.addresses.insert(name.to_owned(), format!("/static/{address}"));
        self.by_address.insert(address, file);
    }

    fn with_addresses(&self, name: &str, content: &'static [u8]) -> Bytes {
        let Some(text) = std::str::from_utf8(content).ok().filter(|_| name.ends_with(".css"))
        else {
            return Bytes::from_static(content);
        };
        let named = self.addresses.iter().fold(text.to_owned(), |text, (name, url)| {
            text.replace(&format!("url(\"{name}\")"), &format!("url(\"{url}\")"))
        });
        Bytes::from(named)
    }

    fn answer(&self, name: &str, asked: &HeaderMap) -> Response {
        let Some(file) = self.by_address.get(name) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let packed = file.gzip.as_ref().filter(|_| takes_gzip(asked));
        let mut answer = Response::new(packed.unwrap_or(&file.plain).clone().into());
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, file.media.clone());
        let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(CACHE_CONTROL, keep);
        if file.gzip.is_some() {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        answer
    }
}

/// Media type by ending, and whether compressing helps.
fn kind(ending: &str) -> (&'static str, bool) {
    match ending {
        "css" => ("text/css; charset=utf-8", true),
        "js" => ("text/javascript; charset=utf-8", true),
        "svg" => ("image/svg+xml", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "png" => ("image/png", false),
        "jpg" => ("image/jpeg", false),
        "ico" => ("image/x-icon", false),
        "woff2" => ("font/woff2", false),
        "pdf" => ("application/pdf", false),
        _ => ("application/octet-stream", false),
    }
}

fn gzip(content: &[u8]) -> Bytes {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a Vec cannot fail.
    let _ = packer.write_all(content);
    Bytes::from(packer.finish().unwrap_or_default())
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let lines = asked.get_all(ACCEPT_ENCODING).iter();
    lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let refused = ["q=0", "q=0.0", "q=0.00", "q=0.000"];
        parts.next() == Some("gzip") && !parts.any(|part| refused.contains(&part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(encoding: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        headers
    }

    fn name(files: &StaticFiles, plain: &str) -> String {
        files.url(plain).trim_start_matches("/static/").to_owned()
    }

    /// A page brings its style sheet once, small, and keeps it.
    #[test]
    fn a_file_is_kept_for_a_year_and_sent_small() {
        let files = StaticFiles::new(&[]);
        let address = name(&files, "base.css");
        let answer = files.answer(&address, &asked("br, gzip"));
        assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(answer.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        let plain = files.answer(&address, &asked("gzip;q=0"));
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        assert_eq!(files.answer("base.css", &asked("")).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn another_content_has_another_address() {
        let one = StaticFiles::new(&[("a.png", b"1")]);
        let two = StaticFiles::new(&[("a.png", b"2")]);
        assert_ne!(one.url("a.png"), two.url("a.png"));
    }

    #[test]
    fn a_style_sheet_finds_the_files_listed_before_it() {
        let files = StaticFiles::new(&[
            ("mark.svg", b"<svg/>"),
            ("zone.css", b"a { background: url(\"mark.svg\") }"),
        ]);
        let sheet = &files.by_address[&name(&files, "zone.css")];
        let expected = format!("a {{ background: url(\"{}\") }}", files.url("mark.svg"));
        assert_eq!(sheet.plain, expected);
    }
}
