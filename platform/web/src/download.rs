//! Files sent to a browser: saved under a safe name, or shown without being
//! able to do anything (MN-7.2).

use std::fmt::Write as _;

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};

use crate::headers::FRAMING_POLICY;

/// The file may do nothing at all, whatever it turns out to be.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// Viewers of older browsers do not start in a sandbox; scripts, styles, forms
/// and requests stay forbidden.
const SHOWN_PDF: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// The same inside a frame of a page of ours.
const FRAMED_PDF: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'",
);

/// Longest file name sent or shown, in characters.
const LONGEST_NAME: usize = 120;

/// A file that the browser saves.
#[must_use]
pub fn download(name: &str, media: &str, body: impl Into<Body>) -> Response {
    answer("attachment", name, media, body.into(), NOTHING)
}

/// A file that the browser shows: PDF and the common image types. Everything
/// else is saved, as with [`download`].
#[must_use]
pub fn inline(name: &str, media: &str, body: impl Into<Body>) -> Response {
    match media {
        "application/pdf" => answer("inline", name, media, body.into(), SHOWN_PDF),
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/bmp" => {
            answer("inline", name, media, body.into(), NOTHING)
        }
        _ => download(name, media, body),
    }
}

/// A file as a page of ours shows it in a frame; anything but a PDF may still do nothing at all.
#[must_use]
pub fn framed(name: &str, media: &str, body: impl Into<Body>) -> Response {
    let mut answer = inline(name, media, body);
    if media == "application/pdf" {
        let headers = answer.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, FRAMED_PDF);
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    answer
}

/// A page that shows files of ours in frames ([`framed`]); everything else is as on every page.
#[must_use]
pub fn with_frames(mut page: Response) -> Response {
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, FRAMING_POLICY);
    page
}

fn answer(how: &str, name: &str, media: &str, body: Body, policy: HeaderValue) -> Response {
    let unknown = HeaderValue::from_static("application/octet-stream");
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(media).unwrap_or(unknown));
    headers.insert(CONTENT_DISPOSITION, disposition(how, name));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    answer
}

/// Both forms of RFC 6266: ASCII for old programs, then the real name.
fn disposition(how: &str, name: &str) -> HeaderValue {
    let name = clean_name(name);
    let plain = |c: char| c.is_ascii_graphic() && !"\"\\%;".contains(c) || c == ' ';
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut header = format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            header.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(header, "%{byte:02X}");
        }
    }
    HeaderValue::from_str(&header).expect("only visible ASCII is left")
}

/// A file name fit to show and to offer: the part behind the last separator,
/// without control characters, characters that turn the writing direction and
/// characters no file system takes; never empty, never hidden, never a device
/// name, the ending kept when it is cut.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_unsafe(*c)).collect();
    let kept = kept.trim_matches(['.', ' ', '\u{3000}']);
    let (stem, ending) = match kept.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 8 => (stem, format!(".{ending}")),
        _ => (kept, String::new()),
    };
    let room = LONGEST_NAME - ending.chars().count();
    let stem: String = stem.chars().take(room).collect();
    if stem.is_empty() {
        return format!("file{ending}");
    }
    let marker = if is_device(&stem) { "_" } else { "" };
    format!("{marker}{stem}{ending}")
}

fn is_unsafe(c: char) -> bool {
    let turns_direction = matches!(
        c,
        '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
    );
    c.is_control() || turns_direction || "<>:\"|?*".contains(c)
}

/// Names that mean a device to Windows, with or without ending.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end();
    let upper = first.to_ascii_uppercase();
    let numbered = |prefix: &str| {
        let digit = upper.strip_prefix(prefix);
        digit.is_some_and(|digit| digit.len() == 1 && digit.bytes().all(|b| b.is_ascii_digit()))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&upper.as_str()) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MN-7.2, MN-7.4: a name from outside cannot add a header, a folder or a false ending.
    #[test]
    fn file_names_are_made_safe() {
        for (given, clean) in [
            ("住民票.pdf", "住民票.pdf"),
            ("..\\..\\windows\\a.txt", "a.txt"),
            ("/etc/passwd", "passwd"),
            ("\\\\server\\share\\x.csv", "x.csv"),
            ("C:\\CON.txt", "_CON.txt"),
            ("com1.pdf", "_com1.pdf"),
            ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
            ("gpj.\u{202E}exe", "gpj.exe"),
            ("...", "file"),
            (".htaccess", "htaccess"),
            ("", "file"),
            (".pdf", "pdf"),
            ("a?b*c|d.pdf ", "abcd.pdf"),
        ] {
            assert_eq!(clean_name(given), clean, "{given:?}");
        }
        let long = clean_name(&format!("{}.pdf", "長".repeat(500)));
        assert_eq!(long.chars().count(), LONGEST_NAME);
        assert!(long.ends_with("長.pdf"));
    }

    /// MN-7.2, NF-33: only a page of ours frames a PDF, which may still run nothing; other kinds stay as
    /// they are.
    #[test]
    fn only_our_own_page_frames_a_file() {
        let pdf = framed("a.pdf", "application/pdf", "x");
        let policy = pdf.headers()[CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'"));
        assert_eq!(pdf.headers()[X_FRAME_OPTIONS], "SAMEORIGIN");
        let text = framed("a.html", "text/html", "x");
        assert_eq!(text.headers()[CONTENT_SECURITY_POLICY], NOTHING);
        assert!(!text.headers().contains_key(X_FRAME_OPTIONS));
        let page = with_frames(Response::new(Body::empty()));
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
        assert!(policy.contains("frame-src 'self'") && policy.contains("frame-ancestors 'none'"));
    }

    /// MN-7.2: the browser saves the file under its real name and never runs it.
    #[test]
    fn a_download_names_the_file_in_both_forms() {
        let answer = download("受付 100%;\"1\".pdf", "application/pdf", "x");
        let header = answer.headers()[CONTENT_DISPOSITION].to_str().expect("ASCII");
        assert_eq!(
            header,
            "attachment; filename=\"__ 100__1.pdf\"; \
             filename*=UTF-8''%E5%8F%97%E4%BB%98%20100%25%3B1.pdf"
        );
        assert_eq!(answer.headers()[CONTENT_SECURITY_POLICY], NOTHING);
    }

    /// MN-7.2: only files that cannot run are shown; HTML and SVG are saved.
    #[test]
    fn a_file_that_could_run_is_saved_instead_of_shown() {
        for (media, how) in [
            ("application/pdf", "inline"),
            ("image/png", "inline"),
            ("image/svg+xml", "attachment"),
            ("text/html", "attachment"),
            ("bad\nmedia", "attachment"),
        ] {
            let answer = inline("x", media, "x");
            let header = answer.headers()[CONTENT_DISPOSITION].to_str().expect("ASCII");
            assert!(header.starts_with(how), "{media}: {header}");
        }
    }
}
