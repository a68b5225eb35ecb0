//! One event and its canonical bytes.

use jiff::Timestamp;
use ring::digest::{Context, SHA256};

/// Who did what to which thing, when, with what result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, UTC.
    pub at: Timestamp,
    /// The person or part that acted: `staff:ID`, `citizen:ID`, `guest`, `system:ingest`.
    pub actor: String,
    /// First 16 characters of the session's hash; empty when there is none.
    pub session: String,
    /// Where the request came from; empty for a part of the system.
    pub ip: String,
    /// What was done, `room.verb`: `applications.accepted`.
    pub act: String,
    /// To which thing, `kind:ID`: `application:ID`.
    pub object: String,
    /// How it ended: `ok`, `refused`, `failed`.
    pub result: String,
    /// Short facts such as `from=arrived to=accepted`; never a form value.
    pub detail: String,
}

impl Event {
    /// An event that ended well and has no request behind it.
    #[must_use]
    pub fn new(at: Timestamp, actor: &str, act: &str, object: &str) -> Self {
        Self {
            at,
            actor: actor.to_owned(),
            session: String::new(),
            ip: String::new(),
            act: act.to_owned(),
            object: object.to_owned(),
            result: "ok".to_owned(),
            detail: String::new(),
        }
    }

    /// The same event with short facts.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same event with another result.
    #[must_use]
    pub fn result(mut self, result: &str) -> Self {
        result.clone_into(&mut self.result);
        self
    }

    /// The same event with the request it came from.
    #[must_use]
    pub fn from(mut self, session: &str, ip: &str) -> Self {
        session.clone_into(&mut self.session);
        ip.clone_into(&mut self.ip);
        self
    }
}

/// Length of a hash in bytes.
pub(crate) const HASH: usize = 32;

/// The hash of the event with number `seq` behind the event hashed `prev`.
///
/// SHA-256 over: tag, zone, seq, time, seven texts, `prev`; numbers big-endian,
/// texts behind their length (u32).
pub(crate) fn link(zone: &str, seq: i64, event: &Event, prev: &[u8]) -> [u8; HASH] {
    let Event { at, actor, session, ip, act, object, result, detail } = event;
    let texts = [actor, session, ip, act, object, result, detail].map(String::as_str);
    link_parts(zone, seq, at.as_microsecond(), texts, prev)
}

/// The same of an event in parts: `at` in microseconds, texts in the order of [`Event`].
pub(crate) fn link_parts(
    zone: &str,
    seq: i64,
    at: i64,
    texts: [&str; 7],
    prev: &[u8],
) -> [u8; HASH] {
    let mut hash = Context::new(&SHA256);
    hash.update(b"madoguchi.audit.v1");
    text(&mut hash, zone);
    hash.update(&seq.to_be_bytes());
    hash.update(&at.to_be_bytes());
    for part in texts {
        text(&mut hash, part);
    }
    hash.update(prev);
    let digest = hash.finish();
    let mut bytes = [0; HASH];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

pub(crate) fn text(hash: &mut Context, part: &str) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    hash.update(&length.to_be_bytes());
    hash.update(part.as_bytes());
}
