//! ICAP (RFC 3507): the file as the body of an HTTP message that a service may
//! let pass.
//!
//! ```text
//! ─▶ OPTIONS            ◀─ 200, Methods, Preview
//! ─▶ RESPMOD, preview   ◀─ 100 Continue: the rest, please
//! ─▶ the rest           ◀─ 204: unchanged, or 200: what the service made of it
//! ```
//! Unchanged is clean. A changed message is a hit whatever is in it; the names
//! services give are in `X-Infection-Found`, `X-Virus-ID` or `X-Violations-Found`.

mod answer;

use std::io::{self, BufReader, Write};
use std::time::Duration;

use self::answer::Answer;
use super::Opinion;
use super::link::Link;
use crate::policy::{IcapMethod, IcapScanner};

/// Where a service listens when its address has no port.
const PORT: u16 = 1344;
/// Most bytes sent before the service says that it wants more.
const MOST_PREVIEW: usize = 64 << 10;

pub(super) fn ask(scanner: &IcapScanner, bytes: &[u8]) -> io::Result<Opinion> {
    let service = Service::of(&scanner.address)?;
    let patience = Duration::from_secs(scanner.seconds());
    let mut link = BufReader::new(Link::dial(&service.place, patience)?);
    let options = options(&mut link, &service, &scanner.address)?;
    if options.closes {
        link = BufReader::new(Link::dial(&service.place, patience)?);
    }
    let method = scanner.method;
    if !options.methods.split(',').any(|it| it.trim().eq_ignore_ascii_case(method.word())) {
        return Err(io::Error::other(format!("the service has no {}", method.word())));
    }
    let wrapped = wrapped(method, bytes.len());
    let preview = options.preview.map(|it| it.min(MOST_PREVIEW).min(bytes.len()));
    let mut head = format!(
        "{} {} ICAP/1.0\r\nHost: {}\r\nAllow: 204\r\nEncapsulated: {}\r\n",
        method.word(),
        scanner.address,
        service.host,
        wrapped.parts
    );
    if let Some(preview) = preview {
        head.push_str(&format!("Preview: {preview}\r\n"));
    }
    let out = link.get_mut();
    out.write_all(head.as_bytes())?;
    out.write_all(b"\r\n")?;
    out.write_all(wrapped.headers.as_bytes())?;
    let sent = match preview {
        None => bytes,
        Some(preview) => &bytes[..preview],
    };
    chunk(out, sent)?;
    if preview.is_some() && sent.len() == bytes.len() {
        out.write_all(b"0; ieof\r\n\r\n")?;
    } else {
        out.write_all(b"0\r\n\r\n")?;
    }
    out.flush()?;
    let mut answer = Answer::read(&mut link, bytes.len())?;
    if answer.code == 100 && sent.len() < bytes.len() {
        let out = link.get_mut();
        chunk(out, &bytes[sent.len()..])?;
        out.write_all(b"0\r\n\r\n")?;
        out.flush()?;
        answer = Answer::read(&mut link, bytes.len())?;
    }
    opinion(&answer, bytes)
}

fn opinion(answer: &Answer, bytes: &[u8]) -> io::Result<Opinion> {
    if let Some(name) = answer.threat() {
        return Ok(Opinion::Hit(name));
    }
    match answer.code {
        204 => Ok(Opinion::Clean),
        // A service that cannot say 204 gives the message back.
        200 | 201 if answer.status == Some(200) && answer.body == bytes => Ok(Opinion::Clean),
        200 | 201 => Ok(Opinion::Hit("unnamed".to_owned())),
        413 => Ok(Opinion::TooLarge),
        code => Err(io::Error::other(format!("the service answers {code}"))),
    }
}

struct Service {
    /// `host:port` to dial.
    place: String,
    /// The host as the address names it.
    host: String,
}

impl Service {
    fn of(address: &str) -> io::Result<Self> {
        let odd = || io::Error::other("an ICAP address is icap://host[:port]/service");
        let rest = address.strip_prefix("icap://").ok_or_else(odd)?;
        let (host, _) = rest.split_once('/').ok_or_else(odd)?;
        let has_port = host.rsplit_once(':').is_some_and(|it| it.1.parse::<u16>().is_ok());
        let place = if has_port { host.to_owned() } else { format!("{host}:{PORT}") };
        Ok(Self { place, host: host.to_owned() })
    }
}

struct Options {
    methods: String,
    preview: Option<usize>,
    closes: bool,
}

fn options(link: &mut BufReader<Link>, service: &Service, address: &str) -> io::Result<Options> {
    let question = format!(
        "OPTIONS {address} ICAP/1.0\r\nHost: {}\r\nEncapsulated: null-body=0\r\n\r\n",
        service.host
    );
    link.get_mut().write_all(question.as_bytes())?;
    link.get_mut().flush()?;
    let answer = Answer::read(link, 0)?;
    if answer.code != 200 {
        return Err(io::Error::other(format!("the service answers {}", answer.code)));
    }
    Ok(Options {
        methods: answer.header("methods").unwrap_or_default().to_owned(),
        preview: answer.header("preview").and_then(|it| it.parse().ok()),
        closes: answer.header("connection").is_some_and(|it| it.eq_ignore_ascii_case("close")),
    })
}

/// The HTTP message a file is put into.
struct Wrapped {
    headers: String,
    parts: String,
}

fn wrapped(method: IcapMethod, length: usize) -> Wrapped {
    let body =
        format!("Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n");
    match method {
        IcapMethod::Respmod => {
            let asked =
                "GET http://attachment.invalid/file HTTP/1.1\r\nHost: attachment.invalid\r\n\r\n";
            let given = format!("HTTP/1.1 200 OK\r\n{body}");
            let (first, second) = (asked.len(), asked.len() + given.len());
            Wrapped {
                headers: format!("{asked}{given}"),
                parts: format!("req-hdr=0, res-hdr={first}, res-body={second}"),
            }
        }
        IcapMethod::Reqmod => {
            let headers = format!(
                "POST http://attachment.invalid/file HTTP/1.1\r\nHost: attachment.invalid\r\n{body}"
            );
            Wrapped { parts: format!("req-hdr=0, req-body={}", headers.len()), headers }
        }
    }
}

fn chunk(out: &mut Link, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    write!(out, "{:x}\r\n", bytes.len())?;
    out.write_all(bytes)?;
    out.write_all(b"\r\n")
}
