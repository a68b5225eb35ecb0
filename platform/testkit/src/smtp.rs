//! A mail server on loopback that keeps every mail it accepts.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mailin::response::{self, Response};
use mailin::{Action, Handler, SessionBuilder};

/// Nobody has an address that begins so.
pub const REFUSED: &str = "refused";

/// One accepted mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Envelope recipients.
    pub to: Vec<String>,
    /// The message as it came over the wire.
    pub raw: String,
}

/// A running mail server. It ends with the process.
#[derive(Clone, Debug)]
pub struct Sink {
    addr: SocketAddr,
    mails: Arc<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    mails: Mutex<Vec<Mail>>,
    came: Condvar,
    folder: Option<PathBuf>,
}

impl Sink {
    /// Starts on a free port and keeps mails in memory.
    ///
    /// # Errors
    /// When no port can be bound.
    pub fn start() -> io::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), None)
    }

    /// Starts at an address and writes each mail to a numbered `.eml` file too.
    ///
    /// # Errors
    /// When the address cannot be bound or the folder cannot be made.
    pub fn start_at(addr: SocketAddr, folder: Option<PathBuf>) -> io::Result<Self> {
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)?;
        }
        let listener = TcpListener::bind(addr)?;
        let addr = listener.local_addr()?;
        let mails = Arc::new(Kept { folder, ..Kept::default() });
        let kept = Arc::clone(&mails);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || talk(stream, kept));
            }
        });
        Ok(Self { addr, mails })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// All mails so far to one address, oldest first.
    #[must_use]
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        let mails = self.mails.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().filter(|mail| mail.to.iter().any(|to| to == address)).cloned().collect()
    }

    /// Waits until at least `count` mails to an address have come.
    ///
    /// # Panics
    /// When they have not come in time.
    #[must_use]
    pub fn wait_for(&self, address: &str, count: usize) -> Vec<Mail> {
        let until = Instant::now() + crate::PATIENCE;
        let mut mails = self.mails.mails.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let to_them: Vec<Mail> = mails
                .iter()
                .filter(|mail| mail.to.iter().any(|to| to == address))
                .cloned()
                .collect();
            if to_them.len() >= count {
                return to_them;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {count} mails came to {address}", to_them.len());
            mails =
                self.mails.came.wait_timeout(mails, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[derive(Clone)]
struct Session {
    kept: Arc<Kept>,
    mail: Mail,
}

impl Handler for Session {
    fn rcpt(&mut self, to: &str) -> Response {
        if to.starts_with(REFUSED) { response::NO_MAILBOX } else { response::OK }
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, to: &[String]) -> Response {
        self.mail = Mail { to: to.to_vec(), raw: String::new() };
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.mail.raw.push_str(&String::from_utf8_lossy(bytes));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mut mails = self.kept.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &self.kept.folder {
            let file = folder.join(format!("{:06}.eml", mails.len() + 1));
            if std::fs::write(file, &self.mail.raw).is_err() {
                return response::INTERNAL_ERROR;
            }
        }
        mails.push(self.mail.clone());
        self.kept.came.notify_all();
        response::OK
    }
}

fn talk(stream: TcpStream, kept: Arc<Kept>) {
    let peer = stream.peer_addr().map_or(IpAddr::from([127, 0, 0, 1]), |addr| addr.ip());
    let mail = Mail { to: Vec::new(), raw: String::new() };
    let mut session = SessionBuilder::new("mail.test").build(peer, Session { kept, mail });
    // A client that hangs up ends its own session only.
    let _ = converse(&stream, &mut session);
}

fn converse(stream: &TcpStream, session: &mut mailin::Session<Session>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (mut lines, mut out) = (BufReader::new(stream), stream);
    out.write_all(&session.greeting().buffer()?)?;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let answer = session.process(&line);
        line.clear();
        match answer.action {
            Action::NoReply => {}
            Action::Reply => out.write_all(&answer.buffer()?)?,
            Action::Close | Action::UpgradeTls => return out.write_all(&answer.buffer()?),
        }
    }
    Ok(())
}

/// The body of a mail as text: base64 or quoted-printable undone.
#[must_use]
pub fn readable(raw: &str) -> String {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw, ""));
    let head = head.to_ascii_lowercase();
    let bytes = if head.contains("content-transfer-encoding: base64") {
        base64(body)
    } else if head.contains("quoted-printable") {
        quoted_printable(body)
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The bytes behind base64.
#[must_use]
pub fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u32> = text.bytes().filter_map(value).collect();
    let mut bytes = Vec::new();
    for four in digits.chunks(4) {
        let bits =
            four.iter().enumerate().fold(0, |bits, (place, six)| bits | (six << (18 - 6 * place)));
        bytes.extend(bits.to_be_bytes()[1..].iter().take(four.len() - 1));
    }
    bytes
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'=' {
            bytes.push(byte);
            continue;
        }
        let pair: String = rest.by_ref().take(2).map(char::from).collect();
        bytes.extend(u8::from_str_radix(&pair, 16).ok());
    }
    bytes
}
